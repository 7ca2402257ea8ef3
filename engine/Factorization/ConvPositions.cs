using Compress.Layers;

namespace Compress.Factorization;

/// <summary>Where the factors of a convolution compute, for one sample.</summary>
/// <param name="Inputs">Q: positions of the input, where a 1x1 convolution that comes first computes.</param>
/// <param name="Between">Positions with the first spatial axis of the output and the others of the input, where a convolution along the first axis computes.</param>
/// <param name="Outputs">P: positions of the output, of which there are fewer where the layer is strided.</param>
readonly record struct ConvPositions(long Inputs, long Between, long Outputs)
{
    /// <summary>The measured positions; where they are not known, one output position takes as many input positions as the strides skip.</summary>
    public static ConvPositions Of(Layer layer)
    {
        if (layer is { InputShape: { Length: > 2 } input, OutputShape: { Length: > 2 } output })
            return new ConvPositions(Cost.Product(input.AsSpan(2)), output[2] * Cost.Product(input.AsSpan(3)), Cost.Product(output.AsSpan(2)));
        var strides = layer.Node.Ints("strides") ?? [];
        return new ConvPositions(strides.Aggregate(1L, (product, stride) => product * stride), strides.Skip(1).Aggregate(1L, (product, stride) => product * stride), 1);
    }
}
