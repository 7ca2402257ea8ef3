using Compress.Models;
using Compress.Onnx;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.UnitTests.Support;

/// <summary>Builds small models in a few lines. Random weights depend on the seed and on the order of calls alone.</summary>
sealed class GraphBuilder
{
    readonly ModelProto proto;
    readonly Random random;

    public GraphBuilder(int opset = 17, int seed = 1, int irVersion = 8)
    {
        random = new Random(seed);
        proto = new ModelProto { IrVersion = irVersion, ProducerName = "tests", Graph = new GraphProto { Name = "graph" } };
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
    }

    /// <summary>A float input; a size of −1 is free and called <c>batch</c>.</summary>
    public GraphBuilder Input(string name, params int[] shape) => InputOf(DataType.Float, name, shape);

    public GraphBuilder InputOf(DataType type, string name, params int[] shape)
    {
        proto.Graph.Input.Add(Value(name, type, shape));
        return this;
    }

    /// <summary>A float input whose sizes are numbers, or names of free ones.</summary>
    public GraphBuilder SymbolicInput(string name, params string[] shape)
    {
        var type = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = new TensorShapeProto() };
        type.Shape.Dim.AddRange(shape.Select(size => long.TryParse(size, out var number)
            ? new TensorShapeProto.Types.Dimension { DimValue = number }
            : new TensorShapeProto.Types.Dimension { DimParam = size }));
        proto.Graph.Input.Add(new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = type } });
        return this;
    }

    public GraphBuilder Output(string name, params int[] shape) => OutputOf(DataType.Float, name, shape);

    public GraphBuilder OutputOf(DataType type, string name, params int[] shape)
    {
        proto.Graph.Output.Add(Value(name, type, shape));
        return this;
    }

    public GraphBuilder Constant(Tensor tensor)
    {
        proto.Graph.Initializer.Add(tensor.Proto);
        return this;
    }

    public GraphBuilder Constant<T>(string name, T[] values, params int[] shape)
        where T : unmanaged => Constant(Tensor.Of<T>(name, values, shape.Length == 0 ? [values.Length] : shape));

    /// <summary>Normal random numbers, scaled.</summary>
    public GraphBuilder Random(string name, float scale, params int[] shape) => Constant(name, Normal(shape.Aggregate(1, (a, b) => a * b), scale), shape);

    public GraphBuilder Node(string opType, string[] inputs, string output, Action<Node>? set = null)
    {
        var node = Compress.Models.Node.Create(opType, "/" + output, inputs, [output]);
        set?.Invoke(node);
        proto.Graph.Node.Add(node.Proto);
        return this;
    }

    /// <summary>A node with several outputs, or of another domain.</summary>
    public GraphBuilder Add(Node node)
    {
        proto.Graph.Node.Add(node.Proto);
        return this;
    }

    /// <summary>A convolution with random weights scaled for unit variance, named <c>/OUTPUT</c>, weights <c>OUTPUT.weight</c> and <c>OUTPUT.bias</c>.</summary>
    public GraphBuilder Conv(string input, string output, int inChannels, int outChannels, int kernel = 3, int stride = 1, int group = 1, bool bias = true)
    {
        var fan = inChannels / group * kernel * kernel;
        Random(output + ".weight", 1 / MathF.Sqrt(fan), outChannels, inChannels / group, kernel, kernel);
        if (bias)
            Random(output + ".bias", 0.1f, outChannels);
        string[] inputs = bias ? [input, output + ".weight", output + ".bias"] : [input, output + ".weight"];
        return Node("Conv", inputs, output, node => node
            .With("kernel_shape", kernel, kernel).With("strides", stride, stride).With("group", group)
            .With("pads", kernel / 2, kernel / 2, kernel / 2, kernel / 2));
    }

    /// <summary>A dense layer, weights [out, in] (<c>transB</c>).</summary>
    public GraphBuilder Gemm(string input, string output, int inputs, int outputs)
    {
        Random(output + ".weight", 1 / MathF.Sqrt(inputs), outputs, inputs);
        Random(output + ".bias", 0.1f, outputs);
        return Node("Gemm", [input, output + ".weight", output + ".bias"], output, node => node.With("transB", 1));
    }

    public GraphBuilder Relu(string input, string output) => Node("Relu", [input], output);

    public Model Build() => Model.Of(proto.Clone());

    /// <summary>What was built, as the body of an If, Loop or Scan.</summary>
    public GraphProto Body() => proto.Graph.Clone();

    public float[] Normal(int count, float scale = 1)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
            values[i] = scale * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return values;
    }

    static ValueInfoProto Value(string name, DataType type, int[] shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type };
        if (shape.Length > 0)
            tensor.Shape = new TensorShapeProto();
        foreach (var size in shape)
        {
            tensor.Shape.Dim.Add(size < 0
                ? new TensorShapeProto.Types.Dimension { DimParam = "batch" }
                : new TensorShapeProto.Types.Dimension { DimValue = size });
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
