namespace Compress.IntegrationTests.Fuzzing;

/// <summary>What is given the files of a case.</summary>
enum FuzzTarget
{
    Inspect,
    Check,
    Run,
    ModelReader,
    PolicyReader,
    DataReader,
}
