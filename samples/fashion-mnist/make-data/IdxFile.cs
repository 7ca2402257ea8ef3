using System.Buffers.Binary;
using System.IO.Compression;

namespace Compress.Samples;

/// <summary>A packed idx file of bytes: 00 00 08, the number of axes, a big-endian size for each, then the values.</summary>
sealed record IdxFile(int[] Shape, byte[] Values)
{
    public int Count => Shape[0];

    public static IdxFile Read(string path)
    {
        using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        var magic = new byte[4];
        stream.ReadExactly(magic);
        if (magic is not [0, 0, 8, _])
            throw new InvalidDataException($"{path} is no idx file of bytes");
        var sizes = new byte[4 * magic[3]];
        stream.ReadExactly(sizes);
        int[] shape = [.. sizes.Chunk(4).Select(size => BinaryPrimitives.ReadInt32BigEndian(size))];
        var values = new byte[shape.Aggregate(1, (product, size) => checked(product * size))];
        stream.ReadExactly(values);
        return new IdxFile(shape, values);
    }

    /// <summary>The entries at the given places.</summary>
    public IdxFile Pick(IReadOnlyList<int> places)
    {
        var size = Values.Length / Count;
        return new IdxFile([places.Count, .. Shape[1..]], [.. places.SelectMany(place => Values[(place * size)..((place + 1) * size)])]);
    }

    public void Write(string path)
    {
        using var stream = new GZipStream(File.Create(path), CompressionLevel.SmallestSize);
        stream.Write([0, 0, 8, (byte)Shape.Length]);
        var number = new byte[4];
        foreach (var size in Shape)
        {
            BinaryPrimitives.WriteInt32BigEndian(number, size);
            stream.Write(number);
        }

        stream.Write(Values);
    }
}
