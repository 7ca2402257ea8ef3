using Compress.Models;
using Compress.Onnx;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Benchmarks;

/// <summary>Models of one layer or a few, with weights by chance.</summary>
static class LayerModels
{
    public static void Reshape(GraphProto graph, string input, string output, params long[] sizes)
    {
        graph.Initializer.Add(Longs($"{output}_shape", sizes));
        graph.Node.Add(Op("Reshape", [input, $"{output}_shape"], output));
    }

    public static NodeProto Conv(string input, string weight, string output, int pad)
    {
        var node = Op("Conv", [input, weight], output);
        var pads = new AttributeProto { Name = "pads", Type = AttributeProto.Types.AttributeType.Ints };
        pads.Ints.Add([pad, pad, pad, pad]);
        node.Attribute.Add(pads);
        return node;
    }

    public static NodeProto Op(string type, IEnumerable<string> inputs, string output)
    {
        var node = new NodeProto { OpType = type, Name = output };
        node.Input.Add(inputs);
        node.Output.Add(output);
        return node;
    }

    public static GraphProto Start(int channels, int side) => new() { Name = "layer", Input = { Info("x", 1, channels, side, side) }, Output = { Info("y", 1, channels, side, side) } };

    public static Model Finish(GraphProto graph) => Model.Of(new ModelProto { IrVersion = 8, OpsetImport = { new OperatorSetIdProto { Version = 17 } }, Graph = graph });

    public static ValueInfoProto Info(string name, params IEnumerable<int> sizes)
    {
        var shape = new TensorShapeProto();
        foreach (var size in sizes)
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = size });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = shape } } };
    }

    public static TensorProto Weight(string name, params int[] shape)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Float };
        tensor.Dims.Add(shape.Select(size => (long)size));
        tensor.FloatData.Add(Normal(shape.Aggregate(1, (product, size) => product * size), name.Length));
        return tensor;
    }

    public static TensorProto Longs(string name, params long[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Int64, Dims = { values.Length } };
        tensor.Int64Data.Add(values);
        return tensor;
    }

    public static float[] Normal(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
    }
}
