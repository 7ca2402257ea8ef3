using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Quantization.Blocks;

/// <summary>
/// Writes layers with weights of 4 bits. The runtime form has ONNX Runtime's kernels by name. In the standard form a dense layer reads a DequantizeLinear over blocks, which ONNX Runtime fuses
/// with it into that kernel when it loads the model, though not everywhere (behind a Relu it does not), and the rows of a table are looked up packed and taken apart by standard operators.
/// </summary>
sealed class BlockWriter(Model model)
{
    readonly Dictionary<(Tensor Weight, bool IsTransposed, int Block, bool IsSymmetric, bool IsRuntime), string[]> stored = [];
    readonly Graph graph = model.Graph;

    /// <summary>The weight of a layer as K x N: for a table its rows are columns, so that blocks lie along them.</summary>
    public static (float[] Values, int Rows, int Columns) Matrix(Node node, Tensor weight)
    {
        var shape = weight.Shape;
        if (!node.Is("Gather") && LayerCatalog.OutputAxis(node) == 1)
            return (weight.Floats().ToArray(), shape[0], shape[1]);
        var values = weight.Floats();
        var transposed = new float[weight.Count];
        for (var i = 0; i < shape[0]; i++)
        {
            for (var j = 0; j < shape[1]; j++)
                transposed[(j * shape[0]) + i] = values[(i * shape[1]) + j];
        }

        return (transposed, shape[1], shape[0]);
    }

    /// <summary>Puts the 4-bit form in a layer's place; its output keeps its name.</summary>
    /// <returns>The node that now stands for the layer.</returns>
    public Node Write(Node node, BlockedWeight weight, QuantizeSettings settings)
    {
        var isRuntime = settings.Form == BlockForm.Runtime;
        if (isRuntime)
            model.ImportOpset(Node.RuntimeDomain, 1);
        var float32 = graph.Initializer(node.Input(node.Is("Gather") ? 0 : 1))!;
        var key = (float32, node.Is("Gather") || LayerCatalog.OutputAxis(node) == 0, settings.Block, settings.Symmetric, isRuntime);
        if (!stored.TryGetValue(key, out var names))
            stored.Add(key, names = node.Is("Gather") ? StoreTable(float32.Name, weight, settings) : isRuntime ? StorePacked(float32.Name, weight, settings) : StoreBlocked(float32.Name, weight, settings));
        return (node.Is("Gather"), isRuntime) switch
        {
            (true, true) => LookUp(node, names, weight),
            (true, false) => LookUpPacked(node, names, weight, settings),
            (false, true) => Product(node, names, weight),
            _ => Dequantized(node, float32.Name, names, weight),
        };
    }

    string[] StoreBlocked(string name, BlockedWeight weight, QuantizeSettings settings)
    {
        int[] scales = [weight.Blocks, weight.Columns];
        var type = settings.Symmetric ? DataType.Int4 : DataType.Uint4;
        return
        [
            graph.Add(Tensor.OfNibbles(graph.Fresh(name + "_q"), type, Signed(weight.Codes, settings.Symmetric), weight.Rows, weight.Columns)),
            graph.Add(Tensor.Of<float>(graph.Fresh(name + "_scale"), weight.Scales, scales)),
            settings.Symmetric ? "" : graph.Add(Tensor.OfNibbles(graph.Fresh(name + "_zero_point"), type, weight.ZeroPoints, scales)),
        ];
    }

    /// <summary>Codes that count from the middle, in two's complement.</summary>
    static byte[] Signed(byte[] codes, bool isSymmetric) => isSymmetric ? Array.ConvertAll(codes, code => (byte)((code - BlockQuantizer.Middle) & 0xF)) : codes;

    Node Dequantized(Node node, string name, string[] names, BlockedWeight weight)
    {
        var dequantize = Node.Create("DequantizeLinear", graph.Fresh(name + "/DQ"), names[2].Length == 0 ? names[..2] : names, [graph.Fresh(name + "_dq")])
            .With("axis", 0L).With("block_size", weight.Block);
        graph.InsertBefore(node, dequantize);
        graph.SetInput(node, 1, dequantize.Output());
        // The weight is stored as K x N, which is what ONNX Runtime fuses.
        return node.Is("Gemm") ? node.With("transB", 0L) : node;
    }

    /// <summary>As MatMulNBits reads them: the codes of one column after another, block by block, each block's last byte padded.</summary>
    string[] StorePacked(string name, BlockedWeight weight, QuantizeSettings settings)
    {
        var (blocks, columns) = (weight.Blocks, weight.Columns);
        var codes = new byte[columns * blocks * weight.Block];
        Array.Fill(codes, BlockQuantizer.Middle);
        var scales = new float[columns * blocks];
        var padded = (blocks + 1) / 2 * 2;
        var zeros = new byte[columns * padded];
        for (var column = 0; column < columns; column++)
        {
            for (var row = 0; row < weight.Rows; row++)
                codes[(column * blocks * weight.Block) + row] = weight.Codes[(row * columns) + column];
            for (var block = 0; block < blocks; block++)
            {
                scales[(column * blocks) + block] = weight.Scales[(block * columns) + column];
                zeros[(column * padded) + block] = weight.ZeroPoints[(block * columns) + column];
            }
        }

        return
        [
            graph.Add(Tensor.Of<byte>(graph.Fresh(name + "_q"), Tensor.Nibbles(codes), columns, blocks, weight.Block / 2)),
            graph.Add(Tensor.Of<float>(graph.Fresh(name + "_scale"), scales, scales.Length)),
            settings.Symmetric ? "" : graph.Add(Tensor.Of<byte>(graph.Fresh(name + "_zero_point"), Tensor.Nibbles(zeros), zeros.Length / 2)),
        ];
    }

    Node Product(Node node, string[] names, BlockedWeight weight)
    {
        var bias = node.Is("Gemm") ? node.Input(2) : "";
        var isPlain = bias.Length == 0 || (graph.Initializer(bias) is { Shape.Length: 1 } constant && constant.Count == weight.Columns);
        var output = isPlain ? node.Output() : graph.Fresh(node.Output() + "_product");
        string[] inputs = isPlain && bias.Length > 0 ? [node.Input(0), .. names, "", bias] : names[2].Length > 0 ? [node.Input(0), .. names] : [node.Input(0), .. names[..2]];
        var product = Node.Create("MatMulNBits", node.Name, inputs, [output], Node.RuntimeDomain)
            .With("K", weight.Rows).With("N", weight.Columns).With("bits", 4L).With("block_size", weight.Block).With("accuracy_level", 4L);
        graph.Replace(node, isPlain ? [product] : [product, Node.Create("Add", graph.Fresh(node.Output() + "/Add"), [output, bias], [node.Output()])]);
        return product;
    }

    /// <summary>
    /// A table's rows, two numbers a byte. For the runtime's kernel they are neighbours; for the standard operators the low halves of the bytes hold the first
    /// half of a row, so that the halves need only be joined.
    /// </summary>
    string[] StoreTable(string name, BlockedWeight weight, QuantizeSettings settings)
    {
        var isRuntime = settings.Form == BlockForm.Runtime;
        var (rows, length, blocks) = (weight.Columns, weight.Rows, weight.Blocks);
        var bytes = new byte[rows * length / 2];
        var scales = new float[rows * blocks];
        var zeros = new byte[rows * blocks];
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < length / 2; i++)
            {
                var (low, high) = isRuntime ? (2 * i, (2 * i) + 1) : (i, i + (length / 2));
                bytes[(row * length / 2) + i] = (byte)(weight.Codes[(low * rows) + row] | (weight.Codes[(high * rows) + row] << 4));
            }

            for (var block = 0; block < blocks; block++)
                (scales[(row * blocks) + block], zeros[(row * blocks) + block]) = (weight.Scales[(block * rows) + row], weight.ZeroPoints[(block * rows) + row]);
        }

        return
        [
            graph.Add(Tensor.Of<byte>(graph.Fresh(name + "_q"), bytes, rows, length / 2)),
            graph.Add(Tensor.Of<float>(graph.Fresh(name + "_scale"), scales, isRuntime ? [rows, blocks] : [rows, blocks, 1])),
            settings.Symmetric ? "" : graph.Add(Tensor.Of<byte>(graph.Fresh(name + "_zero_point"), isRuntime ? Paired(zeros, blocks) : zeros, isRuntime ? [rows, (blocks + 1) / 2] : [rows, blocks, 1])),
        ];
    }

    /// <summary>Numbers of each row two to a byte, the last one alone where there is an odd one.</summary>
    static byte[] Paired(byte[] values, int length) => [.. values.Chunk(length).SelectMany(row => Tensor.Nibbles(length % 2 == 0 ? row : [.. row, 0]))];

    Node LookUp(Node node, string[] names, BlockedWeight weight)
    {
        var lookup = Node.Create("GatherBlockQuantized", node.Name, names[2].Length > 0 ? [names[0], node.Input(1), names[1], names[2]] : [names[0], node.Input(1), names[1]], [node.Output()], Node.RuntimeDomain)
            .With("gather_axis", 0L).With("quantize_axis", 1L).With("block_size", weight.Block).With("bits", 4L);
        graph.Replace(node, lookup);
        return lookup;
    }

    Node LookUpPacked(Node node, string[] names, BlockedWeight weight, QuantizeSettings settings)
    {
        var (output, indices) = (node.Output(), node.Input(1));
        var nodes = new List<Node>();
        var zero = settings.Symmetric ? Make("Cast", "middle_float", [Constant("middle", Tensor.Scalar("", BlockQuantizer.Middle))], cast => cast.With("to", (long)DataType.Float)) : Make("Reshape", "zeros_rows",
            [Make("Cast", "zeros_float", [Make("Gather", "zeros", [names[2], indices])], cast => cast.With("to", (long)DataType.Float)), Sizes("per_block", -1, 1)]);
        var scale = Make("Reshape", "scales_rows", [Make("Gather", "scales", [names[1], indices]), Sizes("per_block", -1, 1)]);
        graph.SetInput(node, 0, names[0]);
        graph.SetOutput(node, 0, graph.Fresh(output + "_packed"));
        var low = Make("BitwiseAnd", "low", [node.Output(), Constant("mask", Tensor.Scalar<byte>("", 0xF))]);
        var high = Make("BitShift", "high", [node.Output(), Constant("shift", Tensor.Scalar<byte>("", 4))], shift => shift.With("direction", "RIGHT"));
        var codes = Make("Cast", "codes", [Make("Concat", "halves", [low, high], concat => concat.With("axis", -1L))], cast => cast.With("to", (long)DataType.Float));
        var blocks = Make("Reshape", "blocks", [codes, Sizes("blocks_shape", -1, weight.Block)]);
        var values = Make("Mul", "values", [Make("Sub", "centred", [blocks, zero]), scale]);
        var shape = Make("Concat", "shape", [Make("Shape", "indices_shape", [indices]), Sizes("row", weight.Rows)], concat => concat.With("axis", 0L));
        nodes.Add(Node.Create("Reshape", graph.Fresh(output + "/rows"), [values, shape], [output]));
        graph.InsertAfter(node, [.. nodes]);
        return node;

        string Make(string op, string stem, string[] inputs, Action<Node>? set = null)
        {
            var made = Node.Create(op, graph.Fresh($"{output}/{stem}"), inputs, [graph.Fresh($"{output}_{stem}")]);
            set?.Invoke(made);
            nodes.Add(made);
            return made.Output();
        }

        string Constant(string stem, Tensor value) => graph.Add(value.Renamed(graph.Fresh($"{output}_{stem}")));

        string Sizes(string stem, params long[] sizes) => Constant(stem, Tensor.Of<long>("", sizes, sizes.Length));
    }
}
