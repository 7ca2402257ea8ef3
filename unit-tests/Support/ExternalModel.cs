using Compress.Models;
using Compress.Onnx;

namespace Compress.UnitTests.Support;

/// <summary>Models whose tensors lie in another file, written without the code under test.</summary>
static class ExternalModel
{
    /// <summary>
    /// Moves every raw tensor of at least 64 bytes, those of Constant nodes and bodies too, to <c>weights.bin</c> beside the model, one
    /// right behind the other from byte 3 on.
    /// </summary>
    public static void Write(Model model, string path, string location = "weights.bin")
    {
        var proto = ModelProto.Parser.ParseFrom(model.ToBytes());
        var file = Path.Combine(Path.GetDirectoryName(path)!, location);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using (var data = File.Create(file))
        {
            data.Write(new byte[3]);
            foreach (var tensor in Tensors(proto.Graph).Where(tensor => tensor.RawData.Length >= 64))
            {
                var bytes = tensor.RawData.ToByteArray();
                tensor.ClearRawData();
                Refer(tensor, ("location", location), ("offset", $"{data.Position}"), ("length", $"{bytes.Length}"), ("checksum", "not looked at"));
                data.Write(bytes);
            }
        }

        File.WriteAllBytes(path, Google.Protobuf.MessageExtensions.ToByteArray(proto));
    }

    public static void Refer(TensorProto tensor, params (string Key, string Value)[] entries)
    {
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Clear();
        tensor.ExternalData.AddRange(entries.Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value }));
    }

    static IEnumerable<TensorProto> Tensors(GraphProto graph) => graph.Initializer.Concat(graph.Node.SelectMany(node => node.Attribute).SelectMany(
        attribute => attribute.T is not null ? [attribute.T] : attribute.G is not null ? Tensors(attribute.G) : []));
}
