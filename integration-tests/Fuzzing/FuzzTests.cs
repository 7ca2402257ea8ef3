using System.Globalization;
using Google.Protobuf;
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

    /// <summary>Otherwise the damage would be done to files that are refused anyway.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void The_files_are_sound_before_they_are_damaged(int number)
    {
        Assert.Equal(7, SoundModels.Every.Count);
        var folder = Directory.CreateTempSubdirectory("compress-sound-").FullName;
        try
        {
            var (model, policy, output) = (Path.Combine(folder, "m.onnx"), Path.Combine(folder, "p.yaml"), Path.Combine(folder, "out.onnx"));
            File.WriteAllBytes(model, SoundModels.Every[number].ToByteArray());
            foreach (var (text, data) in SoundFiles.Policies.Take(2).SelectMany(text => SoundFiles.DataNames.Select(data => (text, data))))
            {
                File.WriteAllBytes(Path.Combine(folder, data), SoundFiles.Data(data));
                File.WriteAllText(policy, string.Format(CultureInfo.InvariantCulture, text, $"{SoundFiles.KeyOf(data)}: {data}"));
                var result = Compression.Run(new CompressionRequest(policy) { ModelPath = model, OutputPath = output, Gates = GateMode.Skip, Threads = 1 });
                Assert.True(result.Outcome == Outcome.Done, $"{data}: {string.Join('\n', result.Report.Diagnostics)}\n{text}");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static int Setting(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
