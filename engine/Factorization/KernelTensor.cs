using Compress.Layers;
using Compress.Models;
using Compress.Numerics;

namespace Compress.Factorization;

/// <summary>
/// The kernel of a convolution as a tensor of three modes, output channels x kernel positions x input channels, in double
/// precision. Kernel positions are one mode of any number of spatial axes, as they are never reduced.
/// </summary>
sealed class KernelTensor(int outputs, int positions, int inputs, double[] values)
{
    public int Outputs { get; } = outputs;

    public int Positions { get; } = positions;

    public int Inputs { get; } = inputs;

    /// <summary>‖W‖²_F.</summary>
    public double SquaredNorm => Unfold(Mode.Output).SquaredNorm;

    /// <param name="weight">A float32 weight of C_out x C_in x spatial sizes.</param>
    public static KernelTensor Of(Tensor weight) => OfGroups(weight, 1)[0];

    /// <summary>The kernels of the groups of a convolution.</summary>
    /// <param name="weight">A float32 weight of C_out x C_in / groups x spatial sizes.</param>
    /// <param name="groups">The number of groups, of which C_out is a multiple.</param>
    public static KernelTensor[] OfGroups(Tensor weight, int groups)
    {
        var (outputs, inputs) = (weight.Shape[0] / groups, weight.Shape[1]);
        var positions = (int)Cost.Product(weight.Shape.AsSpan(2));
        var size = outputs * inputs * positions;
        return [.. Enumerable.Range(0, groups).Select(group => Of(weight.Floats().Slice(group * size, size), outputs, inputs, positions))];
    }

    /// <param name="source">C_out x C_in x positions.</param>
    /// <param name="outputs">C_out.</param>
    /// <param name="inputs">C_in.</param>
    /// <param name="positions">K.</param>
    public static KernelTensor Of(ReadOnlySpan<float> source, int outputs, int inputs, int positions)
    {
        var values = new double[source.Length];
        for (var o = 0; o < outputs; o++)
        {
            for (var i = 0; i < inputs; i++)
            {
                for (var k = 0; k < positions; k++)
                    values[(o * positions + k) * inputs + i] = source[(o * inputs + i) * positions + k];
            }
        }

        return new KernelTensor(outputs, positions, inputs, values);
    }

    /// <summary>The kernel in ONNX's order, C_out x C_in x positions, in float32.</summary>
    public float[] ToFloats()
    {
        var result = new float[values.Length];
        for (var o = 0; o < Outputs; o++)
        {
            for (var k = 0; k < Positions; k++)
            {
                for (var i = 0; i < Inputs; i++)
                    result[(o * Inputs + i) * Positions + k] = (float)values[(o * Positions + k) * Inputs + i];
            }
        }

        return result;
    }

    /// <summary>The mode unfolding: a row for each channel of the mode, holding all of the kernel that belongs to it.</summary>
    public Matrix Unfold(Mode mode) =>
        mode == Mode.Output ? new Matrix(Outputs, Positions * Inputs, values) : Swapped().Unfold(Mode.Output);

    /// <summary>W x_mode M: every fibre along the mode is multiplied by M.</summary>
    /// <param name="mode">The mode.</param>
    /// <param name="matrix">M, with a column for each channel of the mode.</param>
    /// <returns>A kernel with as many channels in the mode as M has rows.</returns>
    public KernelTensor ModeProduct(Mode mode, Matrix matrix)
    {
        if (mode == Mode.Output)
            return Swapped().ModeProduct(Mode.Input, matrix).Swapped();
        var product = MatrixProduct.TimesTransposed(new Matrix(Outputs * Positions, Inputs, values), matrix);
        return new KernelTensor(Outputs, Positions, matrix.Rows, product.Values);
    }

    /// <summary>The same kernel with its channel modes exchanged.</summary>
    public KernelTensor Swapped()
    {
        var swapped = new double[values.Length];
        for (var k = 0; k < Positions; k++)
        {
            for (var o = 0; o < Outputs; o++)
            {
                for (var i = 0; i < Inputs; i++)
                    swapped[(i * Positions + k) * Outputs + o] = values[(o * Positions + k) * Inputs + i];
            }
        }

        return new KernelTensor(Inputs, Positions, Outputs, swapped);
    }
}
