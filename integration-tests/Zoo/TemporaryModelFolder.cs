namespace Compress.IntegrationTests.Zoo;

/// <summary>A folder for what a test writes.</summary>
sealed class TemporaryModelFolder : IDisposable
{
    readonly string path = Directory.CreateTempSubdirectory("compress-zoo-").FullName;

    public string Output => this["out.onnx"];

    public string this[string name] => Path.Combine(path, name);

    public void Dispose() => Directory.Delete(path, recursive: true);
}
