using System.Globalization;
using Compress.Onnx;
using Google.Protobuf;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.IntegrationTests.Fuzzing;

/// <summary>Moves a model's tensors to a data file, as they should be, and spoils the file or what the model says of it.</summary>
static class ExternalDamage
{
    const string Location = "model.data";

    static readonly string[] Places =
    [
        "", ".", "..", "../model.data", "/etc/passwd", "/dev/zero", "sub/model.data", "model.onnx", "model.data\0", "nowhere", "MODEL.DATA", "*", "C:\\x", "./model.data",
        new('a', 5000), "/proc/self/mem", "compress.yaml",
    ];

    /// <summary>The data of every tensor with raw numbers, whose place it takes.</summary>
    public static byte[] MoveOut(ModelProto model)
    {
        var data = new MemoryStream();
        foreach (var tensor in Tensors(model).Where(tensor => tensor.RawData.Length >= 32))
        {
            var bytes = tensor.RawData.ToByteArray();
            tensor.ClearRawData();
            tensor.DataLocation = DataLocation.External;
            Set(tensor, "location", Location);
            Set(tensor, "offset", data.Position.ToString(CultureInfo.InvariantCulture));
            Set(tensor, "length", bytes.Length.ToString(CultureInfo.InvariantCulture));
            data.Write(bytes);
        }

        return data.ToArray();
    }

    /// <summary>Makes entries lie.</summary>
    public static void Of(ModelProto model, Random random)
    {
        var moved = Tensors(model).Where(tensor => tensor.ExternalData.Count > 0).ToList();
        if (moved.Count == 0)
            return;
        var tensor = random.Of(moved);
        switch (random.Next(7))
        {
            case 0:
                Set(tensor, "location", random.Of(Places));
                break;
            case 1:
                Set(tensor, "offset", Number(random));
                break;
            case 2:
                Set(tensor, "length", Number(random));
                break;
            case 3:
                tensor.ExternalData.RemoveAt(random.Next(tensor.ExternalData.Count));
                break;
            case 4:
                tensor.ExternalData.Add(random.Of(tensor.ExternalData).Clone());
                break;
            case 5:
                tensor.RawData = ByteString.CopyFrom(1, 2, 3);
                break;
            default:
                TensorDamage.Of(tensor, random);
                break;
        }
    }

    static string Number(Random random) => random.Chance(70) ? random.Extreme().ToString(CultureInfo.InvariantCulture) : random.Of(["", "-1", "x", "1e9", "0x10", " 3", "99999999999999999999"]);

    static void Set(TensorProto tensor, string key, string value)
    {
        if (tensor.ExternalData.FirstOrDefault(entry => entry.Key == key) is { } entry)
            entry.Value = value;
        else
            tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    static IEnumerable<TensorProto> Tensors(ModelProto model) => ModelDamage.Graphs(model.Graph).SelectMany(graph => graph.Initializer);
}
