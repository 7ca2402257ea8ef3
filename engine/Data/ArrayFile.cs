using Compress.Policies;

namespace Compress.Data;

/// <summary>A file with one array, told apart by its first bytes.</summary>
static class ArrayFile
{
    public const int MagicLength = 4;

    /// <exception cref="Diagnostics.CompressException">CMP3001: it cannot be read; CMP3002: it is in no format allowed.</exception>
    public static NumberArray Read(DataFile file, params DataFormat[] allowed) => file.Read(stream =>
    {
        var magic = new byte[MagicLength];
        var length = stream.ReadAtLeast(magic, MagicLength, throwOnEndOfStream: false);
        DataFormat? found = magic switch
        {
            _ when length < MagicLength => null,
            [0, 0, ..] => DataFormat.Idx,
            [0x93, (byte)'N', (byte)'U', (byte)'M'] => DataFormat.Npy,
            [(byte)'P', (byte)'K', 3 or 5, _] => DataFormat.Npz,
            _ => null,
        };
        if (found is null || !allowed.Contains(found.Value))
        {
            throw file.Malformed($"starts with the bytes [{Convert.ToHexString(magic.AsSpan(0, length))}], which is "
                + $"{(found is null ? "no data format" : NameOf(found.Value))}; expected {string.Join(" or ", allowed.Select(NameOf))}");
        }

        return found == DataFormat.Idx ? IdxFormat.Read(file, stream, magic) : NpyFormat.Read(file, stream);
    });

    static string NameOf(DataFormat format) => format switch
    {
        DataFormat.Idx => "idx (0000, then type and number of axes)",
        DataFormat.Npy => "npy (934E554D)",
        _ => "npz (504B)",
    };
}
