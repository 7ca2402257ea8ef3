using System.Runtime.InteropServices;
using Compress.Diagnostics;
using Compress.Onnx;
using Google.Protobuf;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Models;

/// <summary>
/// Tensors of which only the elements that are not zero are stored, with their places: positions in row-major order, [n], or coordinates,
/// [n, rank].
/// </summary>
static class SparseTensors
{
    /// <summary>The tensor with all of its zeros, under the name of the values.</summary>
    public static Tensor ToDense(SparseTensorProto sparse)
    {
        var type = (DataType)sparse.Values.DataType;
        var size = Tensor.BitsOf(type) / 8;
        var values = BytesOf(sparse.Values);
        var dense = new TensorProto { Name = sparse.Values.Name, DataType = sparse.Values.DataType, Dims = { sparse.Dims } };
        var bytes = new byte[new Tensor(dense).Bytes];
        foreach (var (i, position) in Positions(sparse).Index())
            values.Slice(i * size, size).CopyTo(bytes.AsSpan((int)position * size, size));
        dense.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
        return new Tensor(dense);
    }

    /// <summary>
    /// The elements of a float32 tensor that are not zero, with their positions in ascending order. Positions are written as numbers of
    /// varying length, two or three bytes for most, where raw ones take eight.
    /// </summary>
    public static SparseTensorProto OfNonZeros(Tensor tensor)
    {
        var values = tensor.Floats();
        var kept = new List<float>();
        var indices = new TensorProto { DataType = (int)DataType.Int64 };
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] == 0)
                continue;
            kept.Add(values[i]);
            indices.Int64Data.Add(i);
        }

        indices.Dims.Add(kept.Count);
        return new SparseTensorProto
        {
            Values = Tensor.Of<float>(tensor.Name, CollectionsMarshal.AsSpan(kept), kept.Count).Proto,
            Indices = indices,
            Dims = { tensor.Proto.Dims },
        };
    }

    /// <exception cref="CompressException">CMP2006: the tensor's parts do not fit each other, or it is too large.</exception>
    public static void Check(SparseTensorProto sparse, string name, string path)
    {
        if (sparse.Values is not { } values || sparse.Indices is not { } indices)
            throw Refuse($"has no {(sparse.Values is null ? "values" : "indices")}");
        ModelCheck.CheckTensor($"{name}, its values,", values, path);
        ModelCheck.CheckTensor($"{name}, its indices,", indices, path);
        var form = $"shape [{string.Join(",", sparse.Dims)}] and type {(DataType)values.DataType}";
        if ((DataType)values.DataType is DataType.String)
            throw Refuse("holds strings");
        if (Tensor.BitsOf((DataType)values.DataType) % 8 != 0)
            throw Refuse("is of a type of less than a byte");
        if ((DataType)indices.DataType is not DataType.Int64)
            throw Refuse($"has indices of type {(DataType)indices.DataType}; they are Int64");
        var needed = ModelCheck.BytesOf(name, new TensorProto { DataType = values.DataType, Dims = { sparse.Dims } }, path);
        if (needed > Array.MaxLength)
            throw Refuse($"of {form} takes {needed} bytes with its zeros; one tensor may take at most {Array.MaxLength}");
        if (values.Dims.Count != 1)
            throw Refuse($"has values of shape [{string.Join(",", values.Dims)}]; they are a list");
        var count = values.Dims[0];
        if (!(indices.Dims.Count == 1 && indices.Dims[0] == count) && !(indices.Dims.Count == 2 && indices.Dims[0] == count && indices.Dims[1] == sparse.Dims.Count))
            throw Refuse($"of {form} has {count} values and indices of shape [{string.Join(",", indices.Dims)}]; they are [{count}] or [{count},{sparse.Dims.Count}]");
        var seen = new HashSet<long>();
        foreach (var position in Positions(sparse))
        {
            if (position < 0)
                throw Refuse($"has an index that lies outside of its shape [{string.Join(",", sparse.Dims)}]");
            if (!seen.Add(position))
                throw Refuse("has two values in one place");
        }

        CompressException Refuse(string what) => Codes.InvalidTensor.Fail(path, $"{name} {what}");
    }

    /// <summary>The row-major position of each value; −1 for one outside of the shape.</summary>
    static IEnumerable<long> Positions(SparseTensorProto sparse)
    {
        var indices = new Tensor(sparse.Indices).Integers();
        var count = sparse.Dims.Aggregate(1L, (product, size) => product * size);
        var rank = sparse.Indices.Dims.Count == 2 ? sparse.Dims.Count : 0;
        if (rank == 0)
            return indices.Select(index => index >= 0 && index < count ? index : -1);
        return indices.Chunk(rank).Select(place =>
        {
            var position = 0L;
            for (var axis = 0; axis < rank; axis++)
            {
                if (place[axis] < 0 || place[axis] >= sparse.Dims[axis])
                    return -1;
                position = (position * sparse.Dims[axis]) + place[axis];
            }

            return position;
        });
    }

    static ReadOnlySpan<byte> BytesOf(TensorProto proto)
    {
        var tensor = new Tensor(proto);
        return proto.HasRawData ? proto.RawData.Span : tensor.Type switch
        {
            DataType.Float => MemoryMarshal.AsBytes(tensor.Values<float>()),
            DataType.Double => MemoryMarshal.AsBytes(tensor.Values<double>()),
            DataType.Int64 => MemoryMarshal.AsBytes(tensor.Values<long>()),
            DataType.Uint64 => MemoryMarshal.AsBytes(tensor.Values<ulong>()),
            DataType.Int32 => MemoryMarshal.AsBytes(tensor.Values<int>()),
            DataType.Uint32 => MemoryMarshal.AsBytes(tensor.Values<uint>()),
            DataType.Complex64 => MemoryMarshal.AsBytes(proto.FloatData.ToArray().AsSpan()),
            DataType.Complex128 => MemoryMarshal.AsBytes(proto.DoubleData.ToArray().AsSpan()),
            var type when Tensor.BitsOf(type) == 8 => proto.Int32Data.Select(value => (byte)value).ToArray(),
            _ => MemoryMarshal.AsBytes(proto.Int32Data.Select(value => (ushort)value).ToArray().AsSpan()),
        };
    }
}
