using System.Buffers.Binary;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Data;

/// <summary>
/// The format of the MNIST family: two zero bytes, the element type, the number of axes, a big-endian 32-bit size for each axis,
/// then the numbers, big-endian, last index fastest.
/// </summary>
static class IdxFormat
{
    /// <param name="file">The file, for errors.</param>
    /// <param name="stream">What follows the first four bytes.</param>
    /// <param name="magic">The first four bytes.</param>
    /// <exception cref="Diagnostics.CompressException">CMP3002: the file is malformed.</exception>
    public static NumberArray Read(DataFile file, Stream stream, ReadOnlySpan<byte> magic)
    {
        var type = magic[2] switch
        {
            0x08 => DataType.Uint8,
            0x09 => DataType.Int8,
            0x0B => DataType.Int16,
            0x0C => DataType.Int32,
            0x0D => DataType.Float,
            0x0E => DataType.Double,
            var other => throw file.Malformed(
                $"has the idx element type 0x{other:X2}; legal are 0x08 (uint8), 0x09 (int8), 0x0B (int16), 0x0C (int32),"
                + " 0x0D (float) and 0x0E (double)"),
        };
        var axes = magic[3];
        if (axes == 0)
            throw file.Malformed("declares no axis; the first axis of an idx file counts the samples");
        var sizes = new byte[4 * axes];
        stream.ReadExactly(sizes);
        var shape = new int[axes];
        for (var axis = 0; axis < axes; axis++)
        {
            var size = BinaryPrimitives.ReadUInt32BigEndian(sizes.AsSpan(4 * axis));
            if (size > int.MaxValue)
                throw file.Malformed($"declares the size {size} for axis {axis}; sizes go up to {int.MaxValue}");
            shape[axis] = (int)size;
        }

        return NumberReader.Read(file, stream, new ArrayHeader(type, shape, IsBigEndian: true));
    }
}
