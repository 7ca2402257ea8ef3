namespace Compress.IntegrationTests.Fuzzing;

/// <summary>Damage to a file whatever is in it.</summary>
static class ByteDamage
{
    static readonly byte[][] Lies =
    [
        [0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], [0xFF, 0xFF, 0x03], [0x7F],
        [0x80, 0x80, 0x80, 0x80], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x00], [0xFF, 0xFF, 0xFF, 0x7F], [0x7F, 0xFF, 0xFF, 0xFF],
    ];

    public static byte[] Of(byte[] sound, Random random)
    {
        var bytes = sound;
        for (var wounds = random.Next(1, 5); wounds > 0 && bytes.Length > 0; wounds--)
            bytes = Wound(bytes, random);
        return bytes;
    }

    static byte[] Wound(byte[] bytes, Random random)
    {
        var copy = bytes.ToArray();
        // Half of all wounds are near the start, where headers are.
        var at = random.Next(random.Chance(50) ? bytes.Length : Math.Min(bytes.Length, 100));
        var some = bytes.AsSpan(at, Math.Min(random.Next(1, 65), bytes.Length - at)).ToArray();
        switch (random.Next(8))
        {
            case 0:
                copy[at] ^= (byte)(1 << random.Next(8));
                return copy;
            case 1:
                copy[at] = (byte)random.Next(256);
                return copy;
            case 2:
                return copy[..at];
            case 3:
                return [.. copy[..at], .. copy[(at + some.Length)..]];
            case 4:
                var to = random.Next(bytes.Length);
                return [.. copy[..to], .. some, .. copy[to..]];
            case 5:
                return [.. copy[..at], .. Enumerable.Repeat(some, random.Next(1, 200)).SelectMany(part => part), .. copy[at..]];
            case 6:
                var lie = random.Of(Lies);
                return [.. copy[..at], .. lie, .. copy[Math.Min(copy.Length, at + (random.Chance(50) ? 1 : lie.Length))..]];
            default:
                random.NextBytes(copy.AsSpan(at, some.Length));
                return copy;
        }
    }
}
