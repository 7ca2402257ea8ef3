using Compress.Models;
using Compress.Onnx;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.IntegrationTests.Fuzzing;

/// <summary>Small models that are as they should be. Each takes one input <c>x</c>, float32[batch,1,6,6].</summary>
static class SoundModels
{
    public const string Input = "x";

    static readonly ModelProto[] All = [Convolutions(17), Convolutions(8), Matrices(), ControlFlow(), Sizes(), Recurrent(), Functions()];

    /// <summary>One of them, to be damaged.</summary>
    public static ModelProto Any(Random random) => random.Of(All).Clone();

    /// <summary>Its position among them, so that each can be seen to be sound.</summary>
    public static IReadOnlyList<ModelProto> Every => All;

    static ModelProto Convolutions(int opset)
    {
        var graph = new GraphProto { Name = "convolutions" };
        Add(graph, Noise("w1", 8, 1, 3, 3), Noise("w2", 8, 8, 3, 3), Noise("b2", 8), Positive("scale", 8), Noise("shift", 8), Noise("mean", 8), Positive("variance", 8),
            Noise("wf", 10, 8), Noise("bf", 10), Noise("wd", 8, 1, 3, 3));
        Add(graph,
            Node.Create("Conv", "conv1", ["x", "w1"], ["h1"]).With("pads", 1, 1, 1, 1).With("kernel_shape", 3, 3),
            Node.Create("BatchNormalization", "bn", ["h1", "scale", "shift", "mean", "variance"], ["h2"]).With("epsilon", 1e-5f),
            Node.Create("Relu", "relu", ["h2"], ["h3"]),
            Node.Create("Conv", "conv2", ["h3", "w2", "b2"], ["h4"]).With("pads", 1, 1, 1, 1),
            Node.Create("Conv", "depthwise", ["h4", "wd"], ["h5"]).With("pads", 1, 1, 1, 1).With("group", 8),
            Node.Create("Add", "add", ["h5", "h3"], ["h6"]),
            Node.Create("MaxPool", "pool", ["h6"], ["h7"]).With("kernel_shape", 2, 2).With("strides", 2, 2),
            Node.Create("GlobalAveragePool", "gap", ["h7"], ["h8"]),
            Node.Create("Flatten", "flat", ["h8"], ["h9"]),
            Node.Create("Gemm", "fc", ["h9", "wf", "bf"], ["y"]).With("transB", 1));
        var model = Of(graph, opset);
        if (opset >= 9)
            return model;
        // Of old files, each initializer is an input as well.
        model.IrVersion = 3;
        graph.Input.AddRange(graph.Initializer.Select(tensor => Value(tensor.Name, (DataType)tensor.DataType, [.. tensor.Dims])));
        return model;
    }

    static ModelProto Matrices()
    {
        var graph = new GraphProto { Name = "matrices" };
        Add(graph, Noise("m1", 36, 24), Noise("m2", 24, 24), Noise("m3", 24, 12), Noise("bias", 24), Positive("gain", 24), Long("zero", [0]), Long("rest", [-1]));
        Add(graph,
            Node.Create("Shape", "shape", ["x"], ["s"]),
            Node.Create("Gather", "size", ["s", "zero"], ["n"]).With("axis", 0),
            Node.Create("Concat", "sizes", ["n", "rest"], ["to"]).With("axis", 0),
            Node.Create("Reshape", "reshape", ["x", "to"], ["h1"]),
            Node.Create("MatMul", "mm1", ["h1", "m1"], ["h2"]),
            Node.Create("Add", "add", ["h2", "bias"], ["h3"]),
            Node.Create("LayerNormalization", "norm", ["h3", "gain", "bias"], ["h4"]).With("axis", -1),
            Node.Create("Sigmoid", "gate", ["h4"], ["h5"]),
            Node.Create("Mul", "swish", ["h4", "h5"], ["h6"]),
            Node.Create("Constant", "constant", [], ["c"]).With("value", new Tensor(Noise("", 1, 24))),
            Node.Create("Add", "add2", ["h6", "c"], ["h7"]),
            Node.Create("MatMul", "mm2", ["h7", "m2"], ["h8"]),
            Node.Create("Transpose", "turn", ["h8"], ["h9"]).With("perm", 0, 1),
            Node.Create("MatMul", "mm3", ["h9", "m3"], ["h10"]),
            Node.Create("Softmax", "softmax", ["h10"], ["y"]).With("axis", -1));
        return Of(graph, 17);
    }

    static ModelProto ControlFlow()
    {
        var graph = new GraphProto { Name = "flow" };
        Add(graph, Noise("w", 36, 36), Long("trips", [3], scalar: true), Typed("yes", true), Long("rows", [-1, 36]));
        var then = Body("then", [], "t", Node.Create("MatMul", "inner", ["h1", "w"], ["t"]));
        var other = Body("else", [], "e", Node.Create("Neg", "neg", ["h1"], ["e"]));
        var loop = Body("loop", [Scalar("i", DataType.Int64), Scalar("going", DataType.Bool), Value("carried", DataType.Float, -1, 36)], "still",
            Node.Create("Identity", "keep", ["going"], ["still"]),
            Node.Create("MatMul", "step", ["carried", "w"], ["next"]),
            Node.Create("Tanh", "tanh", ["next"], ["bounded"]));
        loop.Output[0] = Value("still", DataType.Bool);
        loop.Output.Add(Value("bounded", DataType.Float));
        Add(graph,
            Node.Create("Reshape", "flat", ["x", "rows"], ["h0"]),
            Node.Create("MatMul", "outer", ["h0", "w"], ["h1"]),
            Node.Create("ReduceSum", "sum", ["h1"], ["total"]).With("keepdims", 0),
            Node.Create("Cast", "cast", ["total"], ["condition"]).With("to", (int)DataType.Bool),
            Node.Create("If", "if", ["condition"], ["h2"]).With("then_branch", then).With("else_branch", other),
            Node.Create("Loop", "loop", ["trips", "yes", "h2"], ["y"]).With("body", loop));
        return Of(graph, 13);
    }

    static ModelProto Sizes()
    {
        var graph = new GraphProto { Name = "sizes" };
        Add(graph, Long("repeats", [1, 2, 1, 1]), Long("sizes", [1, 2, 6, 6]), Long("starts", [0]), Long("ends", [4]), Long("axes", [2]), Long("pads", [0, 0, 1, 1, 0, 0, 1, 1]),
            Noise("wt", 2, 4, 2, 2), Long("one", [1], scalar: true), Long("four", [4], scalar: true), Long("whole", [1, 4, 1, 1]), Scales());
        Add(graph,
            Node.Create("Tile", "tile", ["x", "repeats"], ["h1"]),
            Node.Create("ConstantOfShape", "fill", ["sizes"], ["ones"]).With("value", new Tensor(Noise("", 1))),
            Node.Create("Add", "add", ["h1", "ones"], ["h2"]),
            Node.Create("Expand", "expand", ["h2", "sizes"], ["h3"]),
            Node.Create("Slice", "slice", ["h3", "starts", "ends", "axes"], ["h4"]),
            Node.Create("Pad", "pad", ["h4", "pads"], ["h5"]),
            Node.Create("ConvTranspose", "deconv", ["h5", "wt"], ["h6"]).With("strides", 2, 2),
            Node.Create("Resize", "resize", ["h6", "", "scales"], ["h7"]).With("mode", "nearest"),
            Node.Create("Range", "range", ["one", "four", "one"], ["r"]),
            Node.Create("Cast", "cast", ["r"], ["rf"]).With("to", (int)DataType.Float),
            Node.Create("ReduceMean", "mean", ["rf"], ["m"]).With("keepdims", 0),
            Node.Create("Mul", "mul", ["h7", "m"], ["h8"]),
            Node.Create("Split", "split", ["h8"], ["p1", "p2"]).With("axis", 1),
            Node.Create("Sub", "sub", ["p1", "p2"], ["y"]));
        return Of(graph, 15);

        static TensorProto Scales() => Tensor.Of<float>("scales", [1, 1, 2, 2], 4).Proto;
    }

    static ModelProto Recurrent()
    {
        var graph = new GraphProto { Name = "recurrent" };
        Add(graph, Noise("w", 1, 24, 6), Noise("r", 1, 24, 6), Noise("table", 16, 6), Long("axes", [1]), Tensor.Of<float>("step", [0.02f], []).Proto,
            Tensor.Of<sbyte>("point", [0], []).Proto, Tensor.Of<sbyte>("q", [.. Enumerable.Range(0, 36).Select(i => (sbyte)(i - 18))], 6, 6).Proto, Typed("k", 4));
        Add(graph,
            Node.Create("Squeeze", "squeeze", ["x", "axes"], ["h1"]),
            Node.Create("LSTM", "lstm", ["h1", "w", "r"], ["h2", "", "c"]).With("hidden_size", 6),
            Node.Create("Squeeze", "squeeze2", ["h2", "axes"], ["h3"]),
            Node.Create("DequantizeLinear", "dq", ["q", "step", "point"], ["wq"]),
            Node.Create("MatMul", "mm", ["h3", "wq"], ["h4"]),
            Node.Create("ArgMax", "best", ["h4"], ["ids"]).With("axis", -1).With("keepdims", 0),
            Node.Create("Gather", "lookup", ["table", "ids"], ["h5"]),
            Node.Create("Add", "add", ["h5", "h4"], ["h6"]),
            Node.Create("TopK", "top", ["h6", "k"], ["y", "indices"]),
            Node.Create("Dropout", "drop", ["h6"], ["unused"]));
        graph.Output.Add(Value("c", DataType.Float));
        return Of(graph, 14);
    }

    static ModelProto Functions()
    {
        var graph = new GraphProto { Name = "functions" };
        Add(graph, Noise("w", 36, 36), Long("rows", [-1, 36]));
        var sparse = new SparseTensorProto { Values = Tensor.Of<float>("sparse", [1, 2], 2).Proto, Indices = Tensor.Of<long>("", [3, 40], 2).Proto };
        sparse.Dims.AddRange([36, 36]);
        graph.SparseInitializer.Add(sparse);
        Add(graph,
            Node.Create("Reshape", "flat", ["x", "rows"], ["h1"]),
            Node.Create("MatMul", "mm", ["h1", "w"], ["h2"]),
            Node.Create("Twice", "twice", ["h2"], ["h3"], "local"),
            Node.Create("MatMul", "mms", ["h3", "sparse"], ["y"]));
        var model = Of(graph, 16);
        var twice = new FunctionProto { Name = "Twice", Domain = "local" };
        twice.Input.Add("a");
        twice.Output.Add("b");
        twice.Node.Add(Node.Create("Add", "double", ["a", "a"], ["b"]).Proto);
        twice.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 16 });
        model.Functions.Add(twice);
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
        return model;
    }

    static ModelProto Of(GraphProto graph, int opset)
    {
        graph.Input.Insert(0, Value(Input, DataType.Float, -1, 1, 6, 6));
        graph.Output.Insert(0, Value("y", DataType.Float));
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
        return model;
    }

    static GraphProto Body(string name, ValueInfoProto[] inputs, string output, params Node[] nodes)
    {
        var body = new GraphProto { Name = name };
        body.Input.AddRange(inputs);
        body.Output.Add(Value(output, DataType.Float));
        Add(body, nodes);
        return body;
    }

    static void Add(GraphProto graph, params Node[] nodes) => graph.Node.AddRange(nodes.Select(node => node.Proto));

    static void Add(GraphProto graph, params TensorProto[] tensors) => graph.Initializer.AddRange(tensors);

    public static ValueInfoProto Value(string name, DataType type, params long[] sizes)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type };
        if (sizes.Length > 0)
            tensor.Shape = new TensorShapeProto();
        foreach (var size in sizes)
            tensor.Shape.Dim.Add(size < 0 ? new TensorShapeProto.Types.Dimension { DimParam = "batch" } : new TensorShapeProto.Types.Dimension { DimValue = size });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    static ValueInfoProto Scalar(string name, DataType type)
    {
        var value = Value(name, type);
        value.Type.TensorType.Shape = new TensorShapeProto();
        return value;
    }

    static TensorProto Noise(string name, params int[] shape) => Filled(name, random => (float)random.NextDouble() - 0.5f, shape);

    static TensorProto Positive(string name, params int[] shape) => Filled(name, random => (float)random.NextDouble() + 0.5f, shape);

    static TensorProto Filled(string name, Func<Random, float> next, int[] shape)
    {
        var random = new Random(shape.Length);
        var values = new float[shape.Aggregate(1, (count, size) => count * size)];
        foreach (ref var value in values.AsSpan())
            value = next(random);
        return Tensor.Of<float>(name, values, shape).Proto;
    }

    static TensorProto Long(string name, long[] values, bool scalar = false) => Tensor.Of<long>(name, values, scalar ? [] : [values.Length]).Proto;

    /// <summary>Numbers in fields of their type, as some exporters store them.</summary>
    static TensorProto Typed(string name, bool value)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Bool };
        tensor.Int32Data.Add(value ? 1 : 0);
        return tensor;
    }

    static TensorProto Typed(string name, long value)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Int64 };
        tensor.Dims.Add(1);
        tensor.Int64Data.Add(value);
        return tensor;
    }
}
