using Compress.Layers;
using Compress.Models;
using Compress.Numerics;
using Compress.Regression;

namespace Compress.Factorization;

/// <summary>
/// A convolution as the matrix (C_in·K_h) x (C_out·K_w): one along the first axis to r channels, then one along the second (Jaderberg, Vedaldi
/// and Zisserman 2014, scheme 2; the closed form is Tai et al. 2016). The groups of a grouped one are decomposed one by one.
/// </summary>
/// <remarks>
/// With the input channels and the rows of the kernel taken for channels, and its columns for positions, this is a Tucker decomposition on
/// the input mode alone.
/// </remarks>
sealed class SpatialSvd : SvdForm
{
    readonly int outputs;
    readonly int height;
    readonly int width;
    readonly KernelTensor[] kernels;
    readonly Lazy<SymmetricEigen[]> shorter;
    readonly Lazy<DataAwareTucker>? data;

    public SpatialSvd(Graph graph, Layer layer, SampledLayer? samples)
        : base(graph, layer, samples)
    {
        (height, width) = (layer.Kernel[0], layer.Kernel[1]);
        outputs = layer.Weight.Shape[0] / layer.Groups;
        var folded = Tensor.Of<float>(layer.Weight.Name, layer.Weight.Floats().ToArray(), layer.Weight.Shape[0], layer.Weight.Shape[1] * height, width);
        kernels = KernelTensor.OfGroups(folded, layer.Groups);
        shorter = new(() => [.. kernels.Select(kernel => SymmetricEigen.Of(MatrixProduct.Gram(kernel.Unfold(Mode.Input))))]);
        data = samples is null ? null : new(() => new DataAwareTucker(samples.Samples, kernels[0], DenseWeights.BiasOf(graph, layer.Node)));
    }

    public override SvdCost Cost
    {
        get
        {
            var (inputs, groups) = (Layer.Weight.Shape[1], (long)Layer.Groups);
            var (first, second) = (groups * inputs * height, groups * outputs * width);
            var positions = ConvPositions.Of(Layer);
            return new SvdCost(
                Math.Min(inputs * height, outputs * width), "min(C_in·K_h, C_out·K_w)",
                groups * inputs * outputs * height * width * positions.Outputs, (first * positions.Between) + (second * positions.Outputs),
                groups * inputs * outputs * height * width, first + second);
        }
    }

    public override int Longer => Math.Max(kernels[0].Inputs, outputs * width);

    public override double[] SquaredSingularValues => [.. Spectra.Sum(shorter.Value.Select(eigen => eigen.Values)).Take(Cost.MaxRank)];

    public override double[] Energies => [.. data!.Value.Energies(Mode.Input).Take(Cost.MaxRank)];

    public override Factored At(int rank)
    {
        var plain = kernels.Select((kernel, group) => TuckerDecomposition.Of(kernel, null, shorter.Value[group].Leading(rank))).ToList();
        var weightError = TuckerDecomposition.ErrorOf(plain, kernels);
        if (data is null)
            return Result(rank, Land(rank, plain), weightError);
        var factors = data.Value.Run(new TuckerRanks(rank, null), plain[0], Samples!.Ridge);
        DenseWeights.SetBias(Graph, Layer.Node, factors.Bias);
        return Result(rank, Land(rank, [factors.Tucker]), weightError, factors.Error, factors.PlainError);
    }

    Replacement Land(int rank, IReadOnlyList<TuckerDecomposition> groups) => new ConvChain(Graph, Layer)
        .Along("svd_in", 0, [.. groups.SelectMany(group => group.InputFactor!.Transposed().ToFloats())], rank * groups.Count, groups.Count)
        .Along("svd_out", 1, [.. groups.SelectMany(group => group.CoreTensor.ToFloats())], outputs * groups.Count, groups.Count)
        .Finish();
}
