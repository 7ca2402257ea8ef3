using System.Diagnostics;
using System.IO.Compression;
using Compress.Diagnostics;
using Compress.Policies;
using static Compress.UnitTests.Data.DataBytes;
using static Compress.UnitTests.Data.DataFolder;

namespace Compress.UnitTests.Data;

/// <summary>Files that went bad on the way: whatever is in them, the user is told so and nothing else happens.</summary>
public sealed class MalformedDataFuzzTests : IDisposable
{
    const int Rounds = 1500;

    readonly DataFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("idx", DataFormat.Idx)]
    [InlineData("idx.gz", DataFormat.Idx)]
    [InlineData("npy", DataFormat.Npy)]
    [InlineData("npz", DataFormat.Npz)]
    [InlineData("npz stored", DataFormat.Npz)]
    public void A_damaged_file_gives_a_diagnostic_or_samples_and_nothing_else(string kind, DataFormat format)
    {
        var sound = Sound(kind);
        var random = new Random(20);
        var refused = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var damaged = Damage(sound, random);
            var (before, clock) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.StartNew());
            try
            {
                using var data = folder.Open(format, damaged, Input(null, null, null, null));
                data.Read(0, data.Count);
            }
            catch (CompressException exception)
            {
                refused++;
                Assert.All(exception.Diagnostics, diagnostic => Assert.StartsWith("CMP3", diagnostic.Code));
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
            Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
        }

        Assert.InRange(refused, Rounds / 10, Rounds);
    }

    static byte[] Sound(string kind)
    {
        var npy = Npy("<f4", "(4, 1, 3, 3)", Floats([.. Enumerable.Range(0, 36).Select(i => (float)i)]));
        return kind switch
        {
            "idx" => Images(4, 3, 3),
            "idx.gz" => Gzip(Images(4, 3, 3)),
            "npy" => npy,
            "npz" => Zip(CompressionLevel.Optimal, ("x.npy", npy)),
            _ => Zip(CompressionLevel.NoCompression, ("x.npy", npy)),
        };
    }

    /// <summary>Cuts, flips bits, overwrites with extreme numbers, drops or repeats a part.</summary>
    static byte[] Damage(byte[] sound, Random random)
    {
        var bytes = sound.ToArray();
        for (var wounds = random.Next(1, 4); wounds > 0 && bytes.Length > 8; wounds--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(5))
            {
                case 0:
                    bytes = bytes[..at];
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.AsSpan(at, Math.Min(random.Next(1, 9), bytes.Length - at)).Fill((byte)(random.Next(2) * 255));
                    break;
                case 3:
                    bytes = [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 20))..]];
                    break;
                default:
                    bytes = [.. bytes[..at], .. bytes[Math.Max(0, at - random.Next(1, 20))..]];
                    break;
            }
        }

        return bytes;
    }
}
