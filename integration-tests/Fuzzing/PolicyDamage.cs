using System.Globalization;
using System.Text;

namespace Compress.IntegrationTests.Fuzzing;

/// <summary>Policies that are spoilt, endless or sly.</summary>
static class PolicyDamage
{
    static readonly string[] Shards =
    [
        "*", "&a ", "*a", "[", "]", "{", "}", ": ", "- ", "? ", "|\n", "\"", "'", "\t", "\n", "#", "!!int ", "--- ", "<<: *a", "1e999", "-0", "1/0", "%", ".nan", "~", "none",
        "99999999999999999999", "\u0000", "é", "😀", ",", "int8", "svd: 1\n", "random: 2000000000", "index: -1", "kernel: 3x3", "*?*?*?*?", "{ rank: [2, 2] }", "../", "/dev/zero",
        "random: 5", "reconstruct: true", "speedup: 2", "round-to: 2147483647", "keep-at-least: 2147483647", "take: 2147483647", "shapes: { x: [2, 1, 60000, 60000] }",
    ];

    public static byte[] Of(string sound, Random random) => random.Next(12) switch
    {
        0 => ByteDamage.Of(Encoding.UTF8.GetBytes(sound), random),
        1 => Encoding.UTF8.GetBytes(Bomb(random)),
        2 => Encoding.UTF8.GetBytes(Nest(random)),
        _ => Encoding.UTF8.GetBytes(Spoil(sound, random)),
    };

    /// <summary>Each anchor holds the one before several times.</summary>
    static string Bomb(Random random)
    {
        var text = new StringBuilder("version: 1\na0: &a0 [1, 2]\n");
        var width = random.Next(1, 12);
        for (var i = 1; i < random.Next(2, 60); i++)
            text.Append(CultureInfo.InvariantCulture, $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", width))}]\n");
        return text.Append("layers: [{ match: *a1, svd: 2 }]\n").ToString();
    }

    static string Nest(Random random)
    {
        var depth = random.Of([10, 31, 33, 1000, 100_000]);
        var (open, close) = random.Of([("[", "]"), ("{a: ", "}"), ("{not: ", "}"), ("- ", ""), ("? ", ""), ("\"", "")]);
        return "version: 1\nlayers:\n- svd: 2\n  match: " + new StringBuilder().Insert(0, open, depth) + "x" + new StringBuilder().Insert(0, close, random.Chance(80) ? depth : 1);
    }

    static string Spoil(string sound, Random random)
    {
        var text = new StringBuilder(sound);
        for (var count = random.Next(1, 5); count > 0; count--)
        {
            var at = random.Next(text.Length);
            switch (random.Next(4))
            {
                case 0:
                    text.Remove(at, Math.Min(random.Next(1, 20), text.Length - at));
                    break;
                case 1:
                    text.Insert(at, random.Of(Shards));
                    break;
                case 2:
                    var number = text.ToString().IndexOfAny([.. "0123456789"], at);
                    if (number >= 0)
                        text.Remove(number, 1).Insert(number, random.Extreme());
                    break;
                default:
                    text[at] = (char)random.Next(0x20, 0x180);
                    break;
            }

            if (text.Length == 0)
                text.Append('-');
        }

        return text.ToString();
    }
}
