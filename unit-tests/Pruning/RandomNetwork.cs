using Compress.Models;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Pruning;

/// <summary>Builds small networks of a family; all sizes, and which variant of a part is used, depend on the seed alone.</summary>
sealed class RandomNetwork
{
    const int Side = 8;
    readonly GraphBuilder builder;
    readonly Random random;
    int next;

    RandomNetwork(int seed, int opset)
    {
        builder = new GraphBuilder(opset, seed);
        random = new Random(seed);
    }

    public static IReadOnlyDictionary<string, Func<int, Model>> Families { get; } = new Dictionary<string, Func<int, Model>>
    {
        ["residual"] = seed => Image(seed, network => network.Residual),
        ["dense"] = seed => Image(seed, network => network.Dense),
        ["inception"] = seed => Image(seed, network => network.Inception),
        ["squeeze-and-excitation"] = seed => Image(seed, network => network.SqueezeAndExcitation),
        ["grouped"] = seed => Image(seed, network => network.Grouped),
        ["depthwise"] = seed => Image(seed, network => network.Depthwise),
        ["channel shuffle"] = seed => Image(seed, network => network.Shuffle),
        ["u-shaped"] = seed => Image(seed, network => network.UShaped),
        ["split"] = seed => Image(seed, network => network.Branches),
        ["rearranged"] = seed => Image(seed, network => network.Rearranged),
        ["mixed"] = seed => Image(seed, network => network.Any),
        ["perceptron"] = Perceptron,
        ["transformer"] = seed => Transformer(seed, computedShapes: false),
        ["transformer with computed shapes"] = seed => Transformer(seed, computedShapes: true),
    };

    static Model Image(int seed, Func<RandomNetwork, Func<(string, int), (string, int)>> block)
    {
        var network = new RandomNetwork(seed, 17);
        network.builder.Input("x", 1, 3, Side, Side);
        var x = network.Conv(("x", 3), 4 * network.Pick(1, 2, 3, 4));
        for (var i = network.Pick(1, 2); i >= 0; i--)
            x = network.Activation(block(network)(x));
        network.Head(x);
        return network.builder.Output("y").Build();
    }

    /// <summary>Flatten and dense, pooled and dense, or a convolution that keeps the image.</summary>
    void Head((string Name, int Channels) x)
    {
        switch (random.Next(4))
        {
            case 0:
                builder.Gemm(Node("Flatten", x.Name), "y", x.Channels * Side * Side, 5);
                break;
            case 1:
                var size = Constant([1L, x.Channels * Side * Side]);
                builder.Gemm(Node("Reshape", x.Name, size), "y", x.Channels * Side * Side, 5);
                break;
            case 2:
                builder.Gemm(Node("Flatten", Node("GlobalAveragePool", x.Name)), "y", x.Channels, 5);
                break;
            default:
                builder.Conv(x.Name, "y", x.Channels, 4);
                break;
        }
    }

    (string, int) Any((string, int) x) => random.Next(10) switch
    {
        0 => Residual(x),
        1 => Dense(x),
        2 => Inception(x),
        3 => SqueezeAndExcitation(x),
        4 => Grouped(x),
        5 => Depthwise(x),
        6 => Shuffle(x),
        7 => UShaped(x),
        8 => Rearranged(x),
        _ => Branches(x),
    };

    (string, int) Residual((string Name, int Channels) x)
    {
        var channels = random.Next(2) == 0 ? x.Channels : 4 * Pick(1, 2, 3);
        var inner = Normalized(Conv(Activation(Conv(x, 4 * Pick(1, 2, 3))), channels));
        if (channels == x.Channels)
            return (Node("Add", inner.Name, x.Name), channels);
        if (channels > x.Channels && random.Next(2) == 0)
        {
            // A shortcut that is padded with channels of zeros.
            var pads = Constant([0L, 0, 0, 0, 0, channels - x.Channels, 0, 0]);
            return (Node("Add", inner.Name, Node("Pad", x.Name, pads)), channels);
        }

        return (Node("Add", inner.Name, Conv(x, channels, 1).Name), channels);
    }

    (string, int) Dense((string Name, int Channels) x)
    {
        for (var i = 0; i < 2; i++)
        {
            var grown = Activation(Conv(Normalized(x), Pick(3, 4, 6)));
            x = Concat(x, grown);
        }

        return random.Next(2) == 0 ? x : Conv(x, 8, 1);
    }

    (string, int) Inception((string Name, int Channels) x)
    {
        var pooled = Node("MaxPool", [x.Name], node => node.With("kernel_shape", 3, 3).With("pads", 1, 1, 1, 1));
        var joined = Concat(Conv(x, Pick(2, 4), 1), Activation(Conv(Conv(x, Pick(2, 5), 1), Pick(3, 6))), Conv((pooled, x.Channels), 4, 1));
        return random.Next(2) == 0 ? joined : (Node("Add", joined.Item1, Conv(x, joined.Item2, 1).Name), joined.Item2);
    }

    (string, int) SqueezeAndExcitation((string Name, int Channels) input)
    {
        var x = Normalized(Conv(input, 4 * Pick(1, 2, 3)));
        string scale;
        if (random.Next(2) == 0)
        {
            var pooled = random.Next(2) == 0 ? Node("GlobalAveragePool", x.Name) : Node("ReduceMean", [x.Name], node => node.With("axes", 2, 3));
            scale = Conv(Activation(Conv((pooled, x.Channels), 4, 1)), x.Channels, 1).Name;
        }
        else
        {
            var pooled = Node("ReduceMean", [x.Name], node => node.With("axes", 2, 3).With("keepdims", 0));
            var dense = Gemm(Node("Relu", Gemm(pooled, x.Channels, 5)), 5, x.Channels);
            scale = random.Next(2) == 0
                ? Node("Reshape", dense, Constant([1L, random.Next(2) == 0 ? -1 : x.Channels, 1, 1]))
                : Node("Unsqueeze", dense, Constant([2L, 3]));
        }

        return (Node("Mul", x.Name, Node("Sigmoid", scale)), x.Channels);
    }

    (string, int) Grouped((string Name, int Channels) input)
    {
        var groups = Pick(2, 4);
        var x = Activation(Conv(input, 4 * Pick(1, 2, 4), 1));
        x = Normalized(Conv(x, 4 * Pick(1, 2, 3), 3, groups));
        return random.Next(2) == 0 ? x : (Node("Add", x.Name, Conv(input, x.Channels, 1).Name), x.Channels);
    }

    (string, int) Depthwise((string Name, int Channels) input)
    {
        var x = Activation(Conv(input, 4 * Pick(1, 2, 4), 1));
        x = Activation(Normalized(Conv(x, x.Channels * Pick(1, 2), 3, x.Channels)));
        if (random.Next(2) == 0)
            x = SqueezeAndExcitation(x);
        x = Conv(x, input.Channels, 1);
        return (Node("Add", x.Name, input.Name), x.Channels);
    }

    (string, int) Shuffle((string Name, int Channels) input)
    {
        var channels = 4 * Pick(1, 2, 4);
        var groups = Pick(2, 4);
        var x = Conv(input, channels, 3, input.Channels % groups == 0 && random.Next(2) == 0 ? groups : 1);
        var apart = Node("Reshape", x.Name, Constant([random.Next(2) == 0 ? 1L : 0, groups, random.Next(2) == 0 ? -1 : channels / groups, Side, Side]));
        var turned = Node("Transpose", [apart], node => node.With("perm", 0, 2, 1, 3, 4));
        x = (Node("Reshape", turned, Constant([1L, random.Next(2) == 0 ? -1 : channels, Side, Side])), channels);
        return random.Next(2) == 0 ? Conv(x, 8, 3, groups) : x;
    }

    (string, int) UShaped((string Name, int Channels) input)
    {
        var x = Conv(input, 4 * Pick(1, 2));
        var down = Node("MaxPool", [x.Name], node => node.With("kernel_shape", 2, 2).With("strides", 2, 2));
        var inner = Activation(Conv((down, x.Channels), 4 * Pick(2, 3)));
        (string Name, int Channels) up;
        switch (random.Next(4))
        {
            case 0:
                var groups = random.Next(2) == 0 ? 1 : 2;
                var each = Pick(2, 3);
                builder.Random($"t{next}.weight", 0.2f, inner.Channels, each, 2, 2).Random($"t{next}.bias", 0.1f, each * groups);
                up = (Node("ConvTranspose", [inner.Name, $"t{next}.weight", $"t{next}.bias"], node => node.With("strides", 2, 2).With("group", groups)), each * groups);
                break;
            case 1:
                builder.Random($"t{next}.weight", 0.4f, inner.Channels, 2, 2, 2);
                up = (Node("ConvTranspose", [inner.Name, $"t{next}.weight"], node => node.With("strides", 2, 2).With("group", inner.Channels)), 2 * inner.Channels);
                break;
            case 2:
                var sizes = random.Next(2) == 0;
                up = (sizes ? Node("Resize", inner.Name, "", "", Constant([1L, inner.Channels, Side, Side])) : Node("Resize", inner.Name, "", Constant([1f, 1, 2, 2])), inner.Channels);
                break;
            default:
                var wide = Conv(inner, 4 * Pick(2, 3), 1);
                up = (Node("DepthToSpace", [wide.Name], node => node.With("blocksize", 2).With("mode", random.Next(2) == 0 ? "DCR" : "CRD")), wide.Channels / 4);
                break;
        }

        var joined = Concat(up, x);
        return random.Next(2) == 0 ? joined : Conv((Node("Pad", joined.Item1, Constant([0L, 0, 1, 1, 0, 0, -1, -1])), joined.Item2), 8);
    }

    (string, int) Branches((string Name, int Channels) input)
    {
        var (one, other) = (Pick(2, 3, 5), Pick(2, 4, 5));
        var variant = random.Next(4);
        if (variant == 0)
            other = one;
        var x = Activation(Conv(input, one + other));
        var (first, second) = ($"p{next}", $"q{next}");
        next++;
        switch (variant)
        {
            case 0:
                builder.Add(Compress.Models.Node.Create("Split", first, [x.Name], [first, second]).With("axis", 1));
                break;
            case 1:
                builder.Add(Compress.Models.Node.Create("Split", first, [x.Name, Constant([(long)one, other])], [first, second]).With("axis", 1));
                break;
            case 2:
                first = Node("Slice", x.Name, Constant([0L]), Constant([(long)one]), Constant([1L]));
                second = Node("Slice", x.Name, Constant([(long)one]), Constant([long.MaxValue]), Constant([1L]));
                break;
            default:
                first = Node("Gather", [x.Name, Constant([.. Enumerable.Range(0, one).Select(i => (long)i * 2 % (one + other))])], node => node.With("axis", 1));
                second = Node("Gather", [x.Name, Constant([.. Enumerable.Range(0, other).Select(i => (long)i - other)])], node => node.With("axis", 1));
                break;
        }

        if (variant == 0 && random.Next(2) == 0)
            return (Node("Mul", first, Node("Sigmoid", second)), one);
        var kept = random.Next(2) == 0 ? (first, one) : Conv((first, one), 4);
        return Concat(kept, Activation(Conv((second, other), 4)));
    }

    (string, int) Rearranged((string Name, int Channels) input)
    {
        var x = Conv(input, 4 * Pick(1, 2), 1);
        switch (random.Next(7))
        {
            case 0:
                x = (Node("Tile", x.Name, Constant([1L, 2, 1, 1])), 2 * x.Channels);
                break;
            case 1:
                var folded = (Node("SpaceToDepth", [x.Name], node => node.With("blocksize", 2)), 4 * x.Channels);
                x = Conv(folded, 8, 1);
                x = (Node("Resize", x.Name, "", Constant([1f, 1, 2, 2])), x.Channels);
                break;
            case 2:
                var spread = Node("Expand", Node("GlobalAveragePool", x.Name), Constant([1L, random.Next(2) == 0 ? 1 : x.Channels, Side, Side]));
                x = Concat(x, (spread, x.Channels));
                break;
            case 3:
                // Channels last, through a dense layer, and back.
                var last = Node("Transpose", [x.Name], node => node.With("perm", 0, 2, 3, 1));
                x = (Node("Transpose", [Linear(last, x.Channels, 6)], node => node.With("perm", 0, 3, 1, 2)), 6);
                break;
            case 4:
                var flat = Node("Reshape", x.Name, Constant([x.Channels, (long)Side * Side]));
                var turned = Node("Softmax", [Node("MatMul", Node("Transpose", flat), flat)], node => node.With("axis", -1));
                x = (Node("Reshape", Node("MatMul", flat, turned), Constant([1L, x.Channels, Side, Side])), x.Channels);
                break;
            case 5:
                builder.Random($"m{next}", 0.1f, x.Channels, 1, 1);
                var bound = $"m{next}";
                var floor = Node("Max", x.Name, bound);
                x = (Node("Where", Node("Greater", floor, bound), floor, Conv(input, x.Channels, 1).Name), x.Channels);
                break;
            default:
                var peak = Node("ReduceMax", [x.Name], node => node.With("axes", 2, 3).With("keepdims", 0));
                var back = Node("Unsqueeze", Node("Squeeze", Node("Unsqueeze", peak, Constant([1L])), Constant([1L])), Constant([-1L, 2]));
                x = (Node("Sub", x.Name, back), x.Channels);
                break;
        }

        return x;
    }

    static Model Perceptron(int seed)
    {
        var network = new RandomNetwork(seed, 17);
        var width = network.Pick(6, 8);
        network.builder.Input("x", 3, width);
        var x = network.Dense("x", width, 10);
        x = network.Dense(network.Node("Relu", x), 10, 12);
        var wide = network.Dense(network.Node("Relu", x), 12, 7);
        x = network.Node("Add", network.Dense(network.Node("Tanh", wide), 7, 12), x);
        network.builder.Gemm(network.Node("Relu", x), "y", 12, 4);
        return network.builder.Output("y").Build();
    }

    /// <summary>A dense layer [3, inputs] to [3, outputs], written in one of the ways that ONNX has.</summary>
    string Dense(string x, int inputs, int outputs)
    {
        var name = $"w{next++}";
        switch (random.Next(5))
        {
            case 0:
                return Gemm(x, inputs, outputs);
            case 1:
                builder.Random(name, 0.4f, inputs, outputs).Random(name + ".b", 0.2f, 1, outputs);
                return Node("Gemm", [Node("Transpose", x), name, name + ".b"], node => node.With("transA", 1));
            case 2:
                // The weight is the first factor: y = (W·xᵀ)ᵀ.
                builder.Random(name, 0.4f, outputs, inputs);
                return Node("Transpose", Node("MatMul", name, Node("Transpose", x)));
            case 3:
                builder.Random(name, 0.4f, inputs, outputs);
                return Node("Transpose", [Node("Gemm", [name, x], node => node.With("transA", 1).With("transB", 1))], _ => { });
            default:
                builder.Random(name, 0.4f, inputs, outputs).Random(name + ".b", 0.2f, outputs);
                return Node("Add", Node("MatMul", x, name), name + ".b");
        }
    }

    static Model Transformer(int seed, bool computedShapes)
    {
        var network = new RandomNetwork(seed, 17);
        var (tokens, heads, each) = (5, network.Pick(2, 3, 4), network.Pick(3, 4));
        var width = network.Pick(8, 12);
        network.builder.Input("x", 1, tokens, 6);
        var x = network.Linear("x", 6, width);
        for (var block = network.Pick(1, 2); block > 0; block--)
        {
            x = network.Node("Add", x, network.Attention(network.LayerNorm(x, width), tokens, width, heads, each, computedShapes));
            var hidden = network.Gelu(network.Linear(network.LayerNorm(x, width), width, 10));
            x = network.Node("Add", network.Linear(hidden, 10, width), x);
        }

        network.builder.Random("head", 0.3f, width, 4);
        network.builder.Node("MatMul", [x, "head"], "y");
        return network.builder.Output("y").Build();
    }

    string Attention(string x, int tokens, int width, int heads, int each, bool computedShapes)
    {
        string q, k, v;
        if (!computedShapes && heads > 3 && random.Next(2) == 0)
        {
            var all = Node("Reshape", Linear(x, width, 3 * heads * each), Constant([1L, tokens, 3, heads, each]));
            var turned = Node("Transpose", [all], node => node.With("perm", 2, 0, 3, 1, 4));
            (q, k, v) = (Pick(turned, 0), Pick(turned, 1), Pick(turned, 2));
            k = Node("Transpose", [k], node => node.With("perm", 0, 1, 3, 2));
        }
        else
        {
            (q, k, v) = (Heads(x, [0, 2, 1, 3]), Heads(x, [0, 2, 3, 1]), Heads(x, [0, 2, 1, 3]));
        }

        var scores = Node("Div", Node("MatMul", q, k), Constant([MathF.Sqrt(each)]));
        if (random.Next(2) == 0)
        {
            builder.Random($"mask{next}", 1, 1, 1, tokens, tokens);
            scores = Node("Add", scores, $"mask{next}");
        }

        var context = Node("MatMul", Node("Softmax", [scores], node => node.With("axis", -1)), v);
        var back = Node("Transpose", [context], node => node.With("perm", 0, 2, 1, 3));
        return Linear(Node("Reshape", back, ShapeLike(x, heads * each)), heads * each, width);

        string Heads(string from, long[] order) =>
            Node("Transpose", [Node("Reshape", Linear(from, width, heads * each), ShapeLike(from, heads, each))], node => node.With("perm", order));

        string ShapeLike(string like, params long[] inner)
        {
            if (!computedShapes)
                return Constant([random.Next(2) == 0 ? 1L : 0, tokens, .. inner]);
            var shape = Node("Shape", like);
            string[] sizes = [.. new[] { 0L, 1 }.Select(axis => Node("Unsqueeze", Node("Gather", shape, Scalar(axis)), Constant([0L]))), .. inner.Select(size => random.Next(2) == 0 ? Constant([size]) : Node("Cast", [Constant([(int)size])], node => node.With("to", 7)))];
            return Node("Concat", sizes, node => node.With("axis", 0));
        }

        string Pick(string from, long index) => Node("Gather", [from, Scalar(index)], node => node.With("axis", 0));
    }

    string LayerNorm(string x, int width)
    {
        builder.Random($"g{next}", 1, width).Random($"b{next}", 0.2f, width);
        var (scale, shift) = ($"g{next}", $"b{next}");
        next++;
        if (random.Next(2) == 0)
            return Node("LayerNormalization", [x, scale, shift], node => node.With("axis", -1));
        var centred = Node("Sub", x, Node("ReduceMean", [x], node => node.With("axes", [-1])));
        var variance = Node("ReduceMean", [Node("Pow", centred, Constant([2f]))], node => node.With("axes", [-1]));
        return Node("Add", Node("Mul", Node("Div", centred, Node("Sqrt", Node("Add", variance, Constant([1e-5f])))), scale), shift);
    }

    string Gelu(string x) => Node("Mul", Node("Mul", x, Node("Add", Node("Erf", Node("Div", x, Constant([1.4142f]))), Constant([1f]))), Constant([0.5f]));

    string Linear(string x, int inputs, int outputs)
    {
        var name = $"w{next++}";
        builder.Random(name, 1 / MathF.Sqrt(inputs), inputs, outputs).Random(name + ".b", 0.2f, outputs);
        return Node("Add", Node("MatMul", x, name), name + ".b");
    }

    string Gemm(string x, int inputs, int outputs)
    {
        var name = $"g{next++}";
        builder.Gemm(x, name, inputs, outputs);
        return name;
    }

    (string Name, int Channels) Conv((string Name, int Channels) x, int channels, int kernel = 3, int group = 1)
    {
        var name = $"c{next++}";
        builder.Conv(x.Name, name, x.Channels, channels, kernel, group: group, bias: random.Next(4) > 0);
        return (name, channels);
    }

    (string Name, int Channels) Concat(params (string Name, int Channels)[] parts) =>
        (Node("Concat", [.. parts.Select(part => part.Name)], node => node.With("axis", 1)), parts.Sum(part => part.Channels));

    /// <summary>One of the things that hold a number for each channel, or nothing.</summary>
    (string Name, int Channels) Normalized((string Name, int Channels) x)
    {
        var name = $"n{next++}";
        builder.Random(name + ".s", 1, x.Channels).Random(name + ".b", 0.3f, x.Channels).Random(name + ".m", 0.3f, x.Channels)
            .Constant(name + ".v", [.. Enumerable.Range(0, x.Channels).Select(i => 0.5f + (0.1f * i))]).Random(name + ".p", 0.5f, x.Channels, 1, 1);
        return random.Next(5) switch
        {
            0 => (Node("BatchNormalization", x.Name, name + ".s", name + ".b", name + ".m", name + ".v"), x.Channels),
            1 => (Node("InstanceNormalization", x.Name, name + ".s", name + ".b"), x.Channels),
            2 => (Node("PRelu", x.Name, name + ".p"), x.Channels),
            3 => (Node("Add", Node("Mul", x.Name, name + ".p"), name + ".p"), x.Channels),
            _ => x,
        };
    }

    (string Name, int Channels) Activation((string Name, int Channels) x) => random.Next(4) switch
    {
        0 => (Node("Relu", x.Name), x.Channels),
        1 => (Node("LeakyRelu", x.Name), x.Channels),
        2 => (Node("Mul", x.Name, Node("HardSigmoid", x.Name)), x.Channels),
        _ => (Node("Clip", x.Name, Constant([0f], isScalar: true), Constant([6f], isScalar: true)), x.Channels),
    };

    string Constant<T>(T[] values, bool isScalar = false)
        where T : unmanaged
    {
        var name = $"k{next++}";
        builder.Constant(isScalar ? Tensor.Scalar(name, values[0]) : Tensor.Of<T>(name, values, values.Length));
        return name;
    }

    string Scalar(long value) => Constant([value], isScalar: true);

    string Node(string op, params string[] inputs) => Node(op, inputs, _ => { });

    string Node(string op, string[] inputs, Action<Node> set)
    {
        var name = $"t{next++}";
        builder.Node(op, inputs, name, node => set(node));
        return name;
    }

    int Pick(params ReadOnlySpan<int> choices) => choices[random.Next(choices.Length)];
}
