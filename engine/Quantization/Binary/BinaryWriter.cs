using Compress.Layers;
using Compress.Models;
using Compress.Techniques;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Quantization.Binary;

/// <summary>Stores signs eight to a byte, and multiplies them with magnitudes, on constants alone: ONNX Runtime computes the weight once, when it loads the model.</summary>
sealed class BinaryWriter
{
    readonly Dictionary<(Tensor Weight, int Axis, bool PerChannel), (string Weight, double Error)> written = [];
    readonly PackedWriter packed = new();

    /// <summary>Puts the binary form of a layer's weight in its place. Layers come in the graph's order.</summary>
    /// <returns>The relative error of the weight; 0 for a weight of zeros.</returns>
    public double Apply(Graph graph, Node node, bool perChannel)
    {
        var weight = graph.Initializer(node.Input(1))!;
        var key = (weight, LayerCatalog.OutputAxis(node), perChannel);
        if (!written.TryGetValue(key, out var made))
            written.Add(key, made = Write(graph, node, weight, key.Item2, perChannel));
        graph.SetInput(node, 1, made.Weight);
        return made.Error;
    }

    (string Weight, double Error) Write(Graph graph, Node node, Tensor weight, int axis, bool perChannel)
    {
        var home = graph.HomeOf(weight.Name)!;
        var (shape, name) = (weight.Shape, weight.Name);
        var found = BinaryWeight.Of(weight, axis, perChannel);
        weight.Release();
        int[] magnitudes = [.. shape.Select((size, i) => perChannel && i == axis ? size : 1)];
        var magnitude = home.Add(Tensor.Of<float>(home.Fresh(name + "_magnitude"), found.Magnitudes, magnitudes));
        var product = Node.Create("Mul", home.Fresh(name + "/binary"), ["", magnitude], [home.Fresh(name + "_binary")]);
        if (home == graph)
            home.InsertBefore(node, product);
        else
            home.InsertFirst(product);
        home.SetInput(product, 0, packed.Write(home, product, name, found.Signs, shape, bits: 1, DataType.Float, areSigns: true));
        return (product.Output(), found.Error.Reference > 0 ? found.Error.Relative : 0);
    }
}
