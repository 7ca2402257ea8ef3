using System.Text;
using Compress.IntegrationTests.Support;

namespace Compress.IntegrationTests.Fuzzing;

/// <summary>Data files that say one thing and hold another.</summary>
static class DataDamage
{
    static readonly string[] Types = ["<f4", ">f4", "<f8", "|u1", "<i8", "|O", "<U9", "<f2", "<c8", "|b1", "<f99", "", "f4", "<V4", "'"];

    public static byte[] Of(string name, Random random)
    {
        var sound = SoundFiles.Data(name);
        if (random.Chance(60))
            return ByteDamage.Of(sound, random);
        if (name == "d.npy")
            return Array(random);
        if (name == "d.npz")
            return NumpyFiles.Npz([.. Enumerable.Range(0, random.Next(4)).Select(i => (random.Chance(70) ? "x.npy" : random.Chance(50) ? "labels.npy" : "../x.npy", Array(random)))]);
        var idx = SoundFiles.Data("d.idx").ToArray();
        var lie = (int)random.Extreme();
        var at = random.Next(2, 16);
        for (var i = 0; i < 4 && at + i < 16; i++)
            idx[at + i] = (byte)(lie >> (8 * (3 - i)));
        // Zeros press to a thousandth: what is in the file may be far more than the file.
        return name == "d.idx" ? idx : SoundFiles.Gzip(random.Chance(5) ? [.. idx, .. new byte[32 << 20]] : idx);
    }

    static byte[] Array(Random random)
    {
        var sizes = Enumerable.Range(0, random.Next(6)).Select(_ => random.Chance(50) ? random.Of([4, 1, 6]) : random.Extreme()).ToList();
        var shape = random.Chance(90) ? $"({string.Join(", ", sizes)}{(sizes.Count == 1 ? "," : "")})" : new StringBuilder().Insert(0, "(", random.Next(1, 9000)).ToString();
        return NumpyFiles.Npy(random.Of(Types), shape, new byte[random.Of([0, 1, 576, 1152, 4096])]);
    }
}
