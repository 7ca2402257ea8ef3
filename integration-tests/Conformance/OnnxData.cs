using System.Runtime.InteropServices;
using Compress.Onnx;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.IntegrationTests.Conformance;

/// <summary>A value as the suite stores it: one tensor, or a sequence of tensors.</summary>
sealed record OnnxData(IReadOnlyList<TensorProto> Tensors, bool IsSequence)
{
    const int SequenceTensors = 3;
    const int OptionalTensor = 3;
    const int OptionalSequence = 5;

    /// <exception cref="NotSupportedException">The value cannot be fed to ONNX Runtime from .NET.</exception>
    public static OnnxData Read(TypeProto type, ByteString bytes) => type.ValueCase switch
    {
        TypeProto.ValueOneofCase.TensorType => new OnnxData([TensorProto.Parser.ParseFrom(bytes)], false),
        TypeProto.ValueOneofCase.SequenceType when type.SequenceType.ElemType.ValueCase == TypeProto.ValueOneofCase.TensorType =>
            new OnnxData([.. Fields(bytes, SequenceTensors).Select(TensorProto.Parser.ParseFrom)], true),
        TypeProto.ValueOneofCase.OptionalType => Fields(bytes, OptionalTensor).Concat(Fields(bytes, OptionalSequence)).FirstOrDefault() is { } value
            ? Read(type.OptionalType.ElemType, value)
            : throw new NotSupportedException("an empty optional"),
        _ => throw new NotSupportedException($"an input of {type.ValueCase}"),
    };

    public static OnnxData Read(TypeProto type, byte[] bytes) => Read(type, ByteString.CopyFrom(bytes));

    /// <exception cref="NotSupportedException">The value cannot be fed to ONNX Runtime from .NET.</exception>
    public OrtValue ToOrtValue()
    {
        if (!IsSequence)
            return ToOrtValue(Tensors[0]);
        return Tensors.Count > 0
            ? OrtValue.CreateSequence([.. Tensors.Select(ToOrtValue)])
            : throw new NotSupportedException("an empty sequence");
    }

    static OrtValue ToOrtValue(TensorProto tensor)
    {
        var shape = tensor.Dims.ToArray();
        if (tensor.DataType == (int)DataType.String)
        {
            var strings = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
            foreach (var (i, text) in tensor.StringData.Index())
                strings.StringTensorSetElementAt(text.Span, i);
            return strings;
        }

        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)tensor.DataType, shape);
        Bytes(tensor).CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    static ReadOnlySpan<byte> Bytes(TensorProto tensor) => tensor.HasRawData ? tensor.RawData.Span : (DataType)tensor.DataType switch
    {
        DataType.Float => MemoryMarshal.AsBytes(tensor.FloatData.ToArray().AsSpan()),
        DataType.Double => MemoryMarshal.AsBytes(tensor.DoubleData.ToArray().AsSpan()),
        DataType.Int64 => MemoryMarshal.AsBytes(tensor.Int64Data.ToArray().AsSpan()),
        DataType.Uint64 => MemoryMarshal.AsBytes(tensor.Uint64Data.ToArray().AsSpan()),
        DataType.Uint32 => MemoryMarshal.AsBytes(tensor.Uint64Data.Select(value => (uint)value).ToArray().AsSpan()),
        DataType.Int32 => MemoryMarshal.AsBytes(tensor.Int32Data.ToArray().AsSpan()),
        DataType.Float16 or DataType.Bfloat16 or DataType.Int16 or DataType.Uint16 =>
            MemoryMarshal.AsBytes(tensor.Int32Data.Select(value => (ushort)value).ToArray().AsSpan()),
        DataType.Int8 or DataType.Uint8 or DataType.Bool => tensor.Int32Data.Select(value => (byte)value).ToArray(),
        var other => throw new NotSupportedException($"a tensor of {other}"),
    };

    /// <summary>The messages in one field of a message that our schema does not describe: SequenceProto and OptionalProto.</summary>
    static List<ByteString> Fields(ByteString message, int wanted)
    {
        var found = new List<ByteString>();
        var input = message.CreateCodedInput();
        while (input.ReadTag() is not 0 and var tag)
        {
            if (WireFormat.GetTagFieldNumber(tag) == wanted && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
                found.Add(input.ReadBytes());
            else
                input.SkipLastField();
        }

        return found;
    }
}
