using Compress.Data;
using Compress.Layers;
using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Execution;

/// <summary>Measures the sizes of every tensor by running a model once.</summary>
public static class ShapeTrace
{
    /// <summary>Smaller constants may be sizes and indices, on whose values other sizes depend.</summary>
    const int LeastBytes = 1 << 16;

    /// <summary>Runs one sample and records the sizes of all that is computed from it.</summary>
    public static TensorShapes Run(Model model, IReadOnlyDictionary<string, DataTensor> sample, int threads, CancellationToken cancellation = default)
    {
        var shapes = new Dictionary<string, int[]>();
        var traced = new List<string>();
        foreach (var node in model.Graph.Nodes)
        {
            // A dequantized weight is as large as the weight was: it is not computed to be looked at.
            if (node.IsDequantizer && model.Graph.Initializer(node.Input(0)) is { } weight)
                shapes[node.Output()] = weight.Shape;
            else
                traced.AddRange(node.Outputs.Where(name => name.Length > 0));
        }

        using var session = Open(model, traced, threads);
        using var result = session.Run(sample, cancellation);
        foreach (var (name, tensor) in sample)
            shapes[name] = tensor.Shape;
        foreach (var name in result.Names)
        {
            if (result.Shape(name) is { } shape)
                shapes[name] = shape;
        }

        return new TensorShapes(shapes);
    }

    static Session Open(Model model, IEnumerable<string> tensors, int threads)
    {
        if (model.DataFiles.Count == 0)
            return TensorTap.Open(model, tensors, threads, prepack: false);
        var hollow = model.Clone();
        Hollow(hollow);
        return TensorTap.Open(hollow, tensors, threads, prepack: false);
    }

    /// <summary>
    /// Puts zeros in the place of the weights of layers, which then need not be read. They are made when the layer's input is there, and
    /// not before: the runtime would else make them all at the start.
    /// </summary>
    static void Hollow(Model model)
    {
        foreach (var layer in LayerCatalog.List(model.Graph, TensorShapes.None).Where(layer => layer.Weight.Bytes >= LeastBytes))
        {
            var (graph, node, activation) = (layer.Graph, layer.Node, layer.Node.Input(1 - layer.WeightInput));
            var isStored = graph.Initializer(node.Input(layer.WeightInput)) is not null;
            if (graph.Initializer(activation) is not null || Zero(isStored ? layer.Weight.Type : DataType.Float) is not { } zero)
                continue;
            var shape = graph.Add(Tensor.Of<long>(Fresh("shape"), [.. layer.Weight.Shape.Select(size => (long)size)], layer.Weight.Shape.Length));
            var size = Node.Create("Size", Fresh("size"), [activation], [Fresh("size")]);
            var nothing = Node.Create("Sub", Fresh("nothing"), [size.Output(), size.Output()], [Fresh("nothing")]);
            var later = Node.Create("Add", Fresh("later"), [shape, nothing.Output()], [Fresh("later")]);
            var zeros = Node.Create("ConstantOfShape", Fresh("zeros"), [later.Output()], [Fresh("zeros")]).With("value", zero);
            graph.InsertBefore(node, size, nothing, later, zeros);
            graph.SetInput(node, layer.WeightInput, zeros.Output());
        }

        string Fresh(string stem) => model.Graph.Fresh("trace_" + stem);
    }

    static Tensor? Zero(DataType type) => type switch
    {
        DataType.Float => Tensor.Of<float>("", [0], 1),
        DataType.Float16 => Tensor.Of<Half>("", [default], 1),
        DataType.Int8 => Tensor.Of<sbyte>("", [0], 1),
        _ => null,
    };
}
