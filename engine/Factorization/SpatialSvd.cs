using Compress.Layers;
using Compress.Models;
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
    readonly List<HigherOrderSvd> starts;
    readonly Lazy<DataAwareTucker>? data;

    public SpatialSvd(Graph graph, Layer layer, SampledLayer? samples)
        : base(graph, layer, samples)
    {
        (height, width) = (layer.Kernel[0], layer.Kernel[1]);
        outputs = layer.Weight.Shape[0] / layer.Groups;
        var (inputs, size) = (layer.Weight.Shape[1] * height, (int)(layer.Weight.Count / layer.Groups));
        starts = [.. Enumerable.Range(0, layer.Groups).Select(group =>
            new HigherOrderSvd(KernelTensor.Of(layer.Weight.Floats().Slice(group * size, size), outputs, inputs, width)))];
        data = samples is null ? null : new(() => new DataAwareTucker(samples.Samples, starts[0].Kernel, DenseWeights.BiasOf(graph, layer.Node)));
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

    public override int Longer => Math.Max(starts[0].Kernel.Inputs, outputs * width);

    public override double[] SquaredSingularValues => [.. Spectra.Sum(starts.Select(start => start.SquaredSingularValues(Mode.Input))).Take(Cost.MaxRank)];

    public override double[] Energies => [.. data!.Value.Energies(Mode.Input).Take(Cost.MaxRank)];

    public override Factored At(int rank)
    {
        var ranks = new TuckerRanks(rank, null);
        var plain = starts.ConvertAll(start => start.Truncate(ranks));
        var weightError = TuckerDecomposition.ErrorOf(plain, starts.ConvertAll(start => start.Kernel));
        if (data is null)
            return Result(rank, Land(rank, plain), weightError);
        var factors = data.Value.Run(ranks, plain[0], Samples!.Ridge);
        DenseWeights.SetBias(Graph, Layer.Node, factors.Bias);
        return Result(rank, Land(rank, [factors.Tucker]), weightError, factors.Error, factors.PlainError);
    }

    Replacement Land(int rank, IReadOnlyList<TuckerDecomposition> groups) => new ConvChain(Graph, Layer)
        .Along("svd_in", 0, [.. groups.SelectMany(group => group.InputFactor!.Transposed().ToFloats())], rank * groups.Count, groups.Count)
        .Along("svd_out", 1, [.. groups.SelectMany(group => group.CoreTensor.ToFloats())], outputs * groups.Count, groups.Count)
        .Finish();
}
