using System.Globalization;
using Xunit.Abstractions;

namespace Compress.IntegrationTests.Fuzzing;

/// <summary>
/// Models, external data, policies and data files that went bad in every way: each gives a result or diagnostics. It never gives another
/// exception, a hang, a crash, a file that is half written or memory out of proportion.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper log)
{
    /// <summary>1500 in a normal run; COMPRESS_TEST_FUZZ_CASES asks for more.</summary>
    static readonly int Cases = Setting("COMPRESS_TEST_FUZZ_CASES", 1500);

    /// <summary>COMPRESS_TEST_FUZZ_SEED asks for other cases.</summary>
    static readonly int Seed = Setting("COMPRESS_TEST_FUZZ_SEED", 1);

    [Fact]
    public async Task Whatever_the_files_hold_there_is_a_result_or_a_diagnostic()
    {
        var tally = await new FuzzRun(Seed, Cases).Run();
        log.WriteLine(tally.ToString());

        Assert.Equal(Cases, tally.Cases);
        Assert.True(tally.Failures.Count == 0, tally.ToString());
        // Damage that is never noticed, or that nothing survives, would test one half only.
        Assert.InRange(tally.Of(FuzzOutcome.Refused), Cases / 10, Cases * 9 / 10);
        Assert.InRange(tally.Of(FuzzOutcome.Accepted), Cases / 10, Cases * 9 / 10);
    }

    static int Setting(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
