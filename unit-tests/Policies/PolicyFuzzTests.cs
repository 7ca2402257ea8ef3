using System.Text;
using Compress.Diagnostics;
using Compress.Policies;
using Compress.Policies.Reading;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Policies;

public class PolicyFuzzTests
{
    const int Rounds = 2000;

    static readonly string Example = File.ReadAllText(Repository.PathOf("compress.yaml.example")).Split("layers:", 2)[1];

    static readonly string[] Shards =
    [
        "*", "&a ", "*a", "[", "]", "{", "}", ": ", "- ", "? ", "|\n", ">-\n", "\"", "'", "\t", "\r", "\n", "#", "!!int ", "%YAML 9\n", "---\n", "...\n", "<<: *a",
        "\\", "\"\\UFFFFFFFF\"", "99999999999999999999", "1e999", "-0", "1/0", "%", "0x10", ".nan", "~", "none", "auto", "\uFEFF", "\u0000", "é", "😀", ",",
    ];

    [Fact]
    public async Task A_spoilt_policy_gives_diagnostics_with_places_and_never_an_exception()
    {
        var random = new Random(1);
        var work = Task.Run(() =>
        {
            for (var round = 0; round < Rounds; round++)
                Check(Spoil("version: 1\nlayers:" + Example, random));
        });

        await work.WaitAsync(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public void Random_bytes_give_diagnostics_and_never_an_exception()
    {
        var random = new Random(2);
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            var diagnostics = new DiagnosticBag();
            if (PolicyText.Decode(bytes, "p.yaml", diagnostics) is { } text)
                Check(text);
            else
                Assert.NotEmpty(diagnostics);
        }
    }

    [Fact]
    public void A_policy_cut_anywhere_gives_diagnostics_and_never_an_exception()
    {
        for (var length = 0; length < Example.Length; length += 3)
            Check("version: 1\nlayers:" + Example[..length]);
    }

    [Fact]
    public async Task A_policy_that_is_made_to_be_slow_is_not()
    {
        string[] policies =
        [
            string.Concat(Enumerable.Range(0, 40_000).Select(i => $"layer{i}: 1\n")),
            string.Concat(Enumerable.Repeat("model: 1\n", 40_000)),
            $"version: 1\nlayers:\n- svd: 8\n  match:\n  - &a '{string.Concat(Enumerable.Repeat("*a", 500))}'\n" + string.Concat(Enumerable.Repeat("  - *a\n", 90_000)),
            "version: " + new string('9', 1_000_000),
            "a: \"" + new string('\n', 1_000_000),
        ];

        foreach (var policy in policies)
            await Task.Run(() => PolicyReader.Parse(policy, "p.yaml", [])).WaitAsync(TimeSpan.FromSeconds(30));
    }

    static void Check(string yaml)
    {
        var diagnostics = new DiagnosticBag();
        var policy = PolicyReader.Parse(yaml, "p.yaml", diagnostics);

        Assert.Equal(policy is null, diagnostics.HasErrors);
        Assert.All(diagnostics, diagnostic =>
        {
            Assert.True(diagnostic.Position!.Line >= 1 && diagnostic.Position.Column >= 1, $"{diagnostic}\n{yaml}");
            Assert.DoesNotContain(diagnostic.Message, char.IsControl);
        });
    }

    static string Spoil(string yaml, Random random)
    {
        var text = new StringBuilder(yaml);
        for (var count = random.Next(1, 6); count > 0; count--)
        {
            var at = random.Next(text.Length);
            switch (random.Next(4))
            {
                case 0:
                    text.Remove(at, Math.Min(random.Next(1, 40), text.Length - at));
                    break;
                case 1:
                    text.Insert(at, Shards[random.Next(Shards.Length)]);
                    break;
                case 2:
                    text.Insert(at, yaml.AsSpan(random.Next(yaml.Length / 2), random.Next(1, 60)));
                    break;
                default:
                    text[at] = (char)random.Next(0x20, 0x180);
                    break;
            }
        }

        return text.ToString();
    }
}
