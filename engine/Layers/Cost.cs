using Compress.Models;

namespace Compress.Layers;

/// <summary>What a layer costs.</summary>
public static class Cost
{
    /// <summary>
    /// Multiply-accumulates of a layer. A convolution does one for each weight of a filter and each output value; a
    /// transposed one for each weight of a filter and each input value; a matrix product one for each step of the inner sum; looking
    /// up rows of a table does none; a recurrent layer does one for each of its weights at each step.
    /// </summary>
    /// <param name="node">Conv, ConvTranspose, Gemm, MatMul, MatMulInteger, Gather, LSTM, GRU or RNN.</param>
    /// <param name="weight">Sizes of the weight.</param>
    /// <param name="weightInput">Which input takes the weight.</param>
    /// <param name="input">Sizes of the activation; used by ConvTranspose and recurrent layers alone.</param>
    /// <param name="output">Sizes of the output.</param>
    /// <param name="recurrence">Sizes of a recurrent layer's second weight; null for others.</param>
    /// <returns>Null where the sizes it needs are not known.</returns>
    public static long? Macs(Node node, int[] weight, int weightInput, int[]? input, int[]? output, int[]? recurrence = null)
    {
        if (recurrence is not null)
            return input is null ? null : Product(input.AsSpan(..^1)) * (Product(weight) + Product(recurrence));
        if (node.Is("ConvTranspose"))
            return input is null ? null : Product(input) * Product(weight.AsSpan(1));
        if (node.Is("Gather") || node.OpType == "GatherBlockQuantized")
            return 0;
        if (output is null)
            return null;
        return node.Is("Conv") ? Product(output) * Product(weight.AsSpan(1)) : Product(output) * InnerSize(node, weight, weightInput);
    }

    /// <summary>The product of sizes.</summary>
    public static long Product(ReadOnlySpan<int> sizes)
    {
        var product = 1L;
        foreach (var size in sizes)
            product *= size;
        return product;
    }

    /// <summary>The product of sizes of something that is in memory.</summary>
    public static int Count(ReadOnlySpan<int> sizes) => checked((int)Product(sizes));

    /// <summary>The length of the sum: columns of the left matrix, rows of the right one, the other way round where transposed.</summary>
    static int InnerSize(Node node, int[] weight, int weightInput)
    {
        var transposed = node.Is("Gemm") && node.Int(weightInput == 0 ? "transA" : "transB") != 0;
        return transposed == (weightInput == 0) ? weight[^2] : weight[^1];
    }
}
