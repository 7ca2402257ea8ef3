using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Quantization.HalfPrecision;

/// <summary>
/// Constants in 16 bits beside those that they come from. Whoever reads one constant in one format shares what takes its place, and so do
/// those that read it as floats behind a Cast, which ONNX Runtime computes once, when it loads the model.
/// </summary>
sealed class HalfConstants
{
    readonly Dictionary<(Tensor Constant, DataType Type), HalfRounding> stored = [];
    readonly Dictionary<HalfRounding, string> floats = [];

    /// <summary>The constant that a graph sees under a name, stored in 16 bits where it is stored now.</summary>
    public HalfRounding Store(Graph graph, string name, DataType type)
    {
        var constant = graph.Initializer(name)!;
        if (stored.TryGetValue((constant, type), out var rounding))
            return rounding;
        var home = graph.HomeOf(name)!;
        rounding = HalfRounding.Of(constant, type, home.Fresh($"{name}_{HalfRounding.NameOf(type)}"));
        home.Add(rounding.Values);
        constant.Release();
        stored.Add((constant, type), rounding);
        return rounding;
    }

    /// <summary>Stores the weight of a layer in 16 bits and lets the layer compute in float. Rows of a table are cast once they are looked up.</summary>
    public HalfRounding StoreWeight(Graph graph, Node node, int input, DataType type)
    {
        var name = node.Input(input);
        var rounding = Store(graph, name, type);
        if (!node.Is("Gather"))
        {
            graph.SetInput(node, input, AsFloat(graph.HomeOf(name)!, name, rounding));
            return rounding;
        }

        var rows = node.Output();
        graph.SetInput(node, input, rounding.Values.Name);
        graph.SetOutput(node, 0, graph.Fresh($"{rows}_{HalfRounding.NameOf(type)}"));
        graph.InsertAfter(node, HalfCast.Node(graph, node.Output(), rows, DataType.Float));
        return rounding;
    }

    string AsFloat(Graph home, string name, HalfRounding rounding)
    {
        if (floats.TryGetValue(rounding, out var known))
            return known;
        var cast = HalfCast.Node(home, rounding.Values.Name, home.Fresh(name + "_float"), DataType.Float);
        home.InsertFirst(cast);
        floats.Add(rounding, cast.Output());
        return cast.Output();
    }
}
