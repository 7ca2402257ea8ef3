using Compress.Onnx;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.IntegrationTests.Fuzzing;

/// <summary>Damage to what a model says, in a file that can be parsed.</summary>
static class ModelDamage
{
    static readonly Action<ModelProto, Random>[] Kinds =
    [
        Wire, Wire, LeaveOut, Name, NodeList, Operator, Domain, Versions, Interface, Nest, LongChain, Functions, Sparse,
        (model, random) => TensorDamage.Of(AnyTensor(model, random), random), (model, random) => TensorDamage.Of(AnyTensor(model, random), random),
        (model, random) => TensorDamage.Of(AnyTensor(model, random), random), (model, random) => AttributeDamage.Of(AnyNode(model, random), random),
        (model, random) => AttributeDamage.Of(AnyNode(model, random), random),
    ];

    static readonly string[] Operators =
    [
        "Conv", "ConvTranspose", "Gemm", "MatMul", "Gather", "BatchNormalization", "If", "Loop", "Scan", "Constant", "ConstantOfShape", "Tile", "Expand", "Reshape", "Pad",
        "Slice", "Split", "Concat", "Resize", "Upsample", "Range", "OneHot", "TopK", "Unsqueeze", "Squeeze", "Transpose", "Flatten", "LSTM", "GRU", "RNN", "Identity", "Cast",
        "QuantizeLinear", "DequantizeLinear", "QLinearConv", "MatMulInteger", "NonMaxSuppression", "Dropout", "LayerNormalization", "InstanceNormalization", "MaxPool",
        "AveragePool", "GlobalAveragePool", "LpPool", "MaxUnpool", "RoiAlign", "GridSample", "Einsum", "CumSum", "ScatterND", "GatherND", "SequenceConstruct", "SplitToSequence",
        "SequenceAt", "Optional", "StringNormalizer", "TfIdfVectorizer", "Bernoulli", "RandomNormal", "EyeLike", "DepthToSpace", "SpaceToDepth", "Col2Im", "DFT", "STFT", "Where",
        "NonZero", "Compress", "Unique", "Size", "Shape", "Det", "Nothing", "", "PRelu", "Clip", "Softmax", "ArgMax", "ReduceSum", "Hardmax", "LRN", "Mean", "Max", "Mod", "Pow",
    ];

    public static void Of(ModelProto model, Random random)
    {
        for (var wounds = random.Of([1, 1, 1, 2, 3]); wounds > 0; wounds--)
            random.Of(Kinds)(model, random);
    }

    /// <summary>The graph of a model or a body in it.</summary>
    public static GraphProto AnyGraph(ModelProto model, Random random) => random.Of([.. Graphs(model.Graph)]);

    public static IEnumerable<GraphProto> Graphs(GraphProto graph) =>
        graph.Node.SelectMany(node => node.Attribute).Where(attribute => attribute.G is not null).SelectMany(attribute => Graphs(attribute.G)).Prepend(graph);

    public static NodeProto AnyNode(ModelProto model, Random random)
    {
        var graph = AnyGraph(model, random);
        if (graph.Node.Count == 0)
            graph.Node.Add(new NodeProto { OpType = "Identity" });
        return random.Of(graph.Node);
    }

    static TensorProto AnyTensor(ModelProto model, Random random)
    {
        var tensors = Graphs(model.Graph).SelectMany(graph => graph.Initializer
            .Concat(graph.Node.SelectMany(node => node.Attribute).Select(attribute => attribute.T).Where(tensor => tensor is not null))).ToList();
        if (tensors.Count > 0)
            return random.Of(tensors);
        model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = (int)DataType.Float });
        return model.Graph.Initializer[^1];
    }

    static string AnyName(ModelProto model, Random random)
    {
        var names = Graphs(model.Graph).SelectMany(graph => graph.Node.SelectMany(node => node.Output.Concat(node.Input))
            .Concat(graph.Initializer.Select(tensor => tensor.Name)).Concat(graph.Input.Select(value => value.Name))).ToList();
        return names.Count == 0 || random.Chance(10) ? random.Of(["", "nowhere", "x", "y", new string('n', 100_000), "\u0001", "a/../b"]) : random.Of(names);
    }

    /// <summary>Inputs and outputs: cycles, names that nothing makes, that are made twice, left out, too many, too few.</summary>
    static void Wire(ModelProto model, Random random)
    {
        var node = AnyNode(model, random);
        var list = random.Chance(70) ? node.Input : node.Output;
        switch (random.Next(6))
        {
            case 0:
                list.Add(AnyName(model, random));
                break;
            case 1 when list.Count > 0:
                list.RemoveAt(random.Next(list.Count));
                break;
            case 2 when list.Count > 0:
                list[random.Next(list.Count)] = "";
                break;
            case 3 when list.Count > 0 && node.Output.Count > 0:
                list[random.Next(list.Count)] = random.Of(node.Output);
                break;
            case 4:
                list.AddRange(Enumerable.Repeat(random.Chance(70) ? "" : AnyName(model, random), random.Next(1, 10)));
                break;
            default:
                if (list.Count > 0)
                    list[random.Next(list.Count)] = AnyName(model, random);
                break;
        }
    }

    /// <summary>Optional inputs and outputs have empty names where they are left out.</summary>
    static void LeaveOut(ModelProto model, Random random)
    {
        var node = AnyNode(model, random);
        if (random.Chance(60))
            node.Output.AddRange(Enumerable.Repeat("", random.Next(1, 6)));
        else
            node.Input.AddRange(Enumerable.Repeat("", random.Next(1, 6)));
        if (random.Chance(20) && node.Output.Count > 0)
            node.Output[0] = "";
    }

    static void Name(ModelProto model, Random random)
    {
        var graph = AnyGraph(model, random);
        switch (random.Next(3))
        {
            case 0:
                AnyNode(model, random).Name = AnyName(model, random);
                break;
            case 1 when graph.Initializer.Count > 0:
                random.Of(graph.Initializer).Name = AnyName(model, random);
                break;
            default:
                graph.Name = AnyName(model, random);
                break;
        }
    }

    static void NodeList(ModelProto model, Random random)
    {
        var nodes = AnyGraph(model, random).Node;
        if (nodes.Count == 0)
            return;
        var (one, other) = (random.Next(nodes.Count), random.Next(nodes.Count));
        switch (random.Next(5))
        {
            case 0:
                nodes.RemoveAt(one);
                break;
            case 1:
                nodes.Insert(other, nodes[one].Clone());
                break;
            case 2:
                (nodes[one], nodes[other]) = (nodes[other], nodes[one]);
                break;
            case 3:
                nodes.Clear();
                break;
            default:
                AnyGraph(model, random).Node.Add(nodes[one].Clone());
                break;
        }
    }

    static void Operator(ModelProto model, Random random)
    {
        var node = AnyNode(model, random);
        node.OpType = random.Of(Operators);
        if (random.Chance(30))
            node.Attribute.Clear();
    }

    static void Domain(ModelProto model, Random random) =>
        AnyNode(model, random).Domain = random.Of(["ai.onnx", "ai.onnx.ml", "com.microsoft", "local", "nowhere", "ai.onnx.preview.training"]);

    static void Versions(ModelProto model, Random random)
    {
        switch (random.Next(5))
        {
            case 0:
                model.IrVersion = random.Chance(50) ? random.Next(14) : random.Extreme();
                break;
            case 1:
                model.OpsetImport.Clear();
                break;
            case 2:
                model.OpsetImport.Add(new OperatorSetIdProto { Domain = random.Of(["", "ai.onnx", "ai.onnx.ml", "local", "com.microsoft"]), Version = random.Next(30) });
                break;
            default:
                foreach (var set in model.OpsetImport)
                    set.Version = random.Chance(80) ? random.Next(1, 25) : random.Extreme();
                break;
        }
    }

    /// <summary>Inputs and outputs of graphs: sizes, types, doubles, none.</summary>
    static void Interface(ModelProto model, Random random)
    {
        var graph = AnyGraph(model, random);
        var list = random.Of([graph.Input, graph.Output, graph.ValueInfo]);
        if (list.Count == 0 || random.Chance(15))
        {
            list.Add(SoundModels.Value(AnyName(model, random), (DataType)random.Next(25), [.. Enumerable.Range(0, random.Next(5)).Select(_ => random.Extreme())]));
            return;
        }

        var value = random.Of(list);
        switch (random.Next(7))
        {
            case 0:
                list.Remove(value);
                break;
            case 1:
                list.Add(value.Clone());
                break;
            case 2:
                value.Name = AnyName(model, random);
                break;
            case 3:
                value.Type = random.Of([null, new TypeProto(), Sequences(random.Of([1, 5, 40, 90]))]);
                break;
            case 4 when value.Type?.TensorType is { } tensor:
                tensor.ElemType = random.Chance(70) ? random.Next(30) : (int)random.Extreme();
                break;
            default:
                if (value.Type?.TensorType is not { } sized)
                    break;
                sized.Shape ??= new TensorShapeProto();
                if (sized.Shape.Dim.Count == 0 || random.Chance(20))
                    sized.Shape.Dim.AddRange(Enumerable.Range(0, random.Of([1, 2, 100])).Select(_ => new TensorShapeProto.Types.Dimension()));
                random.Of(sized.Shape.Dim).DimValue = random.Extreme();
                break;
        }
    }

    static TypeProto Sequences(int depth)
    {
        var type = SoundModels.Value("", DataType.Float).Type;
        for (; depth > 0; depth--)
            type = new TypeProto { SequenceType = new TypeProto.Types.Sequence { ElemType = type } };
        return type;
    }

    /// <summary>Bodies in bodies, as deep as a file can have them and deeper.</summary>
    static void Nest(ModelProto model, Random random)
    {
        var body = new GraphProto { Name = "innermost" };
        body.Node.Add(new NodeProto { OpType = "Identity", Input = { AnyName(model, random) }, Output = { "n0" } });
        body.Output.Add(SoundModels.Value("n0", DataType.Float));
        var depth = random.Of([1, 3, 10, 25, 31, 32, 33, 34, 60]);
        for (var i = 1; i <= depth; i++)
        {
            var outer = new GraphProto { Name = $"body{i}" };
            outer.Node.Add(If(body, $"n{i}", random.Chance(20)));
            outer.Output.Add(SoundModels.Value($"n{i}", DataType.Float));
            body = outer;
        }

        model.Graph.Initializer.Add(new TensorProto { Name = "nest", DataType = (int)DataType.Bool, Int32Data = { 1 } });
        model.Graph.Node.Add(If(body, "nested", both: false));
        if (random.Chance(70))
            model.Graph.Output.Add(SoundModels.Value("nested", DataType.Float));

        static NodeProto If(GraphProto body, string output, bool both)
        {
            var other = new GraphProto { Name = "other" };
            other.Node.Add(new NodeProto { OpType = "Identity", Input = { "x" }, Output = { output + "e" } });
            other.Output.Add(SoundModels.Value(output + "e", DataType.Float));
            return new NodeProto
            {
                OpType = "If",
                Input = { "nest" },
                Output = { output },
                Attribute =
                {
                    new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = body },
                    new AttributeProto { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = both ? other : other.Clone() },
                },
            };
        }
    }

    /// <summary>So many nodes in a row that what recurses over them runs out of stack.</summary>
    static void LongChain(ModelProto model, Random random)
    {
        if (!random.Chance(4))
            return;
        var (count, op) = (random.Of([500, 3000]), random.Of(["Relu", "Identity"]));
        var last = SoundModels.Input;
        for (var i = 0; i < count; i++)
        {
            model.Graph.Node.Add(new NodeProto { OpType = op, Name = $"chain{i}", Input = { last }, Output = { $"chained{i}" } });
            last = $"chained{i}";
        }

        model.Graph.Output.Add(SoundModels.Value(last, DataType.Float));
    }

    /// <summary>Functions that call themselves or each other, or that are not there.</summary>
    static void Functions(ModelProto model, Random random)
    {
        var name = random.Of(["Twice", "Other", "Relu"]);
        var function = new FunctionProto { Name = name, Domain = random.Of(["local", ""]), Input = { "a" }, Output = { "b" } };
        function.Node.Add(new NodeProto { OpType = random.Of(["Twice", "Other", "Relu"]), Domain = random.Of(["local", ""]), Input = { "a" }, Output = { "b" } });
        if (random.Chance(60))
            function.OpsetImport.AddRange(model.OpsetImport);
        model.Functions.Add(function);
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
        var node = AnyNode(model, random);
        (node.OpType, node.Domain) = (name, function.Domain);
    }

    static void Sparse(ModelProto model, Random random)
    {
        var sparse = model.Graph.SparseInitializer.FirstOrDefault();
        if (sparse is null)
            model.Graph.SparseInitializer.Add(sparse = new SparseTensorProto { Dims = { 36, 36 } });
        switch (random.Next(4))
        {
            case 0:
                sparse.Values = random.Chance(50) ? null : new TensorProto { Name = AnyName(model, random), DataType = (int)DataType.Float };
                break;
            case 1:
                sparse.Indices = random.Chance(50) ? null : new TensorProto { DataType = (int)DataType.Int64, Dims = { 1 }, Int64Data = { random.Extreme() } };
                break;
            case 2:
                TensorDamage.Of(random.Chance(50) ? sparse.Values ??= new TensorProto() : sparse.Indices ??= new TensorProto(), random);
                break;
            default:
                if (sparse.Dims.Count > 0)
                    sparse.Dims[random.Next(sparse.Dims.Count)] = random.Extreme();
                break;
        }
    }
}
