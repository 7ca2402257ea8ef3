using Compress.Layers;
using Compress.Models;

namespace Compress.Pruning.Forms;

/// <summary>Takes positions out of every kernel of a weight, and puts them back.</summary>
static class KernelColumns
{
    /// <summary>A weight of the given positions alone.</summary>
    /// <param name="weight">C_out x C_in/group x kernel.</param>
    /// <param name="positions">Positions of the kernel in row-major order.</param>
    /// <param name="sizes">The sizes of the kernel that they make.</param>
    public static Tensor Select(Tensor weight, int[] positions, int[] sizes)
    {
        var shape = weight.Shape;
        var source = weight.Floats();
        var kernels = shape[0] * shape[1];
        var length = kernels == 0 ? 0 : source.Length / kernels;
        var target = new float[kernels * positions.Length];
        for (var i = 0; i < target.Length; i++)
            target[i] = source[(i / positions.Length * length) + positions[i % positions.Length]];
        return Tensor.Of<float>(weight.Name, target, [shape[0], shape[1], .. sizes]);
    }

    /// <summary>The weight of a 1x1 convolution over the positions' inputs, which lie one behind the other: C_out x k·C_in x 1 x 1.</summary>
    public static Tensor ToPointwise(Tensor weight, int[] positions)
    {
        var shape = weight.Shape;
        var (outputs, inputs, length) = (shape[0], shape[1], Cost.Count(shape.AsSpan(2)));
        var source = weight.Floats();
        var target = new float[outputs * positions.Length * inputs];
        var next = 0;
        for (var output = 0; output < outputs; output++)
        {
            foreach (var position in positions)
            {
                for (var input = 0; input < inputs; input++)
                    target[next++] = source[(((output * inputs) + input) * length) + position];
            }
        }

        return Tensor.Of<float>(weight.Name, target, [outputs, positions.Length * inputs, .. shape[2..].Select(_ => 1)]);
    }

    /// <summary>The inverse of <see cref="ToPointwise"/>, with zeros elsewhere.</summary>
    public static Tensor FromPointwise(Tensor pointwise, int[] positions, Tensor like)
    {
        var shape = like.Shape;
        var (outputs, inputs, length) = (shape[0], shape[1], Cost.Count(shape.AsSpan(2)));
        var source = pointwise.Floats();
        var target = new float[like.Count];
        var next = 0;
        for (var output = 0; output < outputs; output++)
        {
            foreach (var position in positions)
            {
                for (var input = 0; input < inputs; input++)
                    target[(((output * inputs) + input) * length) + position] = source[next++];
            }
        }

        return Tensor.Of<float>(like.Name, target, shape);
    }
}
