using System.Globalization;
using System.Security.Cryptography;
using Compress.Onnx;
using Google.Protobuf;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Models;

/// <summary>Moves the tensors of a message to a data file, one after another, and leaves references in their place.</summary>
static class ExternalDataWriter
{
    /// <summary>Smaller tensors stay in the model: among them are the shapes and axes that runtimes need while they load it.</summary>
    public const int LeastBytes = 1 << 10;

    /// <summary>From this size on, tensors start at a page, so that runtimes can map them.</summary>
    const int LargeBytes = 1 << 20;

    const int Page = 1 << 12;
    const int SmallAlignment = 1 << 6;
    const int HashDigits = 16;
    const int Chunk = 1 << 22;

    public static bool IsMoved(TensorProto tensor) => tensor.HasRawData && tensor.RawData.Length >= LeastBytes;

    /// <summary>Writes the data and empties the tensors that it takes over; their location is set by <see cref="SetLocation"/>.</summary>
    /// <param name="model">A copy of the message; its tensors are changed.</param>
    /// <param name="data">Where the bytes go.</param>
    /// <returns>The hash of the data, the same for the same bytes.</returns>
    public static string Write(ModelProto model, Stream data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var end = 0L;
        foreach (var (_, tensor) in TensorProtos.Of(model).Where(entry => IsMoved(entry.Tensor)))
        {
            var bytes = tensor.RawData;
            var alignment = bytes.Length >= LargeBytes ? Page : SmallAlignment;
            var offset = (end + alignment - 1) / alignment * alignment;
            Put(new byte[offset - end]);
            for (var start = 0; start < bytes.Length; start += Chunk)
            {
                var count = Math.Min(Chunk, bytes.Length - start);
                Put(bytes.Span.Slice(start, count));
                MappedBytes.Behind(bytes)?.Release(start, count);
            }

            Refer(tensor, "", offset, bytes.Length);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..HashDigits];

        void Put(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            data.Write(bytes);
            end += bytes.Length;
        }
    }

    /// <summary>Puts a reference to a file in the place of a tensor's bytes.</summary>
    public static void Refer(TensorProto tensor, string location, long offset, long length)
    {
        tensor.ClearRawData();
        tensor.DataLocation = DataLocation.External;
        tensor.ExternalData.Clear();
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = offset.ToString(CultureInfo.InvariantCulture) });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = length.ToString(CultureInfo.InvariantCulture) });
    }

    /// <summary>Names the data file in every reference.</summary>
    public static void SetLocation(ModelProto model, string location)
    {
        foreach (var (_, tensor) in TensorProtos.Of(model).Where(entry => entry.Tensor.DataLocation == DataLocation.External))
            tensor.ExternalData.First(entry => entry.Key == "location").Value = location;
    }

    /// <summary>The name of a model's data file. It tells the contents, so that a model never meets the data of another one.</summary>
    public static string NameOf(string modelName, string hash) => $"{modelName}.{hash}.data";

    /// <summary>Whether a file holds the data of a model of that name.</summary>
    public static bool IsDataOf(string modelName, string fileName) =>
        fileName.Length == NameOf(modelName, new string('0', HashDigits)).Length
        && fileName.StartsWith(modelName + ".", StringComparison.Ordinal) && fileName.EndsWith(".data", StringComparison.Ordinal)
        && fileName.Skip(modelName.Length + 1).Take(HashDigits).All(char.IsAsciiHexDigitLower);
}
