using System.Globalization;

namespace Compress.IntegrationTests.Fuzzing;

/// <summary>
/// What <c>dotnet exec Compress.IntegrationTests.dll</c> does: <c>fuzz SEED CASES</c> runs cases in worker processes and prints what came
/// of them; <c>fuzz-cases SEED FIRST COUNT [FOLDER]</c> is a worker, and replays single cases, whose files stay in the folder.
/// </summary>
static class FuzzProgram
{
    static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["fuzz", var seed, var cases]:
                var tally = await new FuzzRun(Number(seed), Number(cases), Console.Error.WriteLine).Run();
                Console.WriteLine(tally);
                return tally.Failures.Count == 0 ? 0 : 1;
            case ["fuzz-cases", var seed, var first, var count]:
                FuzzWorker.Run(Number(seed), Number(first), Number(count), folder: null);
                return 0;
            case ["fuzz-cases", var seed, var first, var count, var folder]:
                FuzzWorker.Run(Number(seed), Number(first), Number(count), folder);
                return 0;
            default:
                Console.Error.WriteLine("usage: fuzz SEED CASES | fuzz-cases SEED FIRST COUNT [FOLDER]");
                return 1;
        }
    }

    static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
