using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Regression;
using Compress.Techniques;

namespace Compress.Factorization;

/// <summary>
/// Tucker-2 of a convolution on its channel modes (Tucker 1966; Kim et al. 2016): a 1x1 convolution from C_in to R3 channels,
/// a core of the layer's own kernel size from R3 to R4, and a 1x1 convolution from R4 to C_out. Layers with at most four input
/// channels keep the input mode whole (Tucker-1). The groups of a grouped convolution are decomposed one by one. Factors start from the HOSVD and are refined by HOOI.
/// </summary>
public sealed class TuckerFactorization : LowRankTechnique
{
    public override string Kind => "tucker";

    internal override Planned<FactorizeSettings>? Asked(LayerPlan plan) => plan.Tucker;

    private protected override Refusal? RefuseForm(Layer layer)
    {
        if (!layer.Node.Is("Conv") || layer.Weight.Shape.Length < 3)
            return Refusal.CannotApply($"tucker treats Conv, and this is {layer.Op}");
        return layer.IsDepthwise ? Refusal.CannotApply("it is a depthwise convolution, whose channels do not mix") : null;
    }

    internal override IEnumerable<RankOption> Options(Graph graph, Layer layer, FactorizeSettings settings, SampledLayer? samples)
    {
        var cost = CostOf(layer);
        var starts = KernelTensor.OfGroups(layer.Weight, layer.Groups).Select(kernel => new HigherOrderSvd(kernel)).ToList();
        var data = samples is null ? null : new DataAwareTucker(samples.Samples, starts[0].Kernel, DenseWeights.BiasOf(graph, layer.Node));
        var (input, output) = (Errors(Mode.Input), Errors(Mode.Output));
        var keepsInput = cost.Inputs <= TuckerRankPlanner.FewInputs;
        foreach (var r3 in keepsInput ? [cost.Inputs] : RankPlanner.Candidates(settings, cost.MaxInputRank))
        {
            foreach (var r4 in RankPlanner.Candidates(settings, cost.MaxOutputRank))
            {
                var ranks = TuckerRankPlanner.Reduced(new TuckerRanks(r3, r4), cost);
                // What both modes leave out adds up at most (De Lathauwer, De Moor and Vandewalle 2000a).
                if (cost.Saves(ranks))
                    yield return new RankOption(keepsInput ? [r4] : [r3, r4], cost.MacsAfter(ranks), cost.WeightsAfter(ranks), (ranks.Input is null ? 0 : input[r3]) + output[r4]);
            }
        }

        double[] Errors(Mode mode) => Spectra.Tails(data?.Energies(mode) ?? Spectra.Sum(starts.Select(start => start.SquaredSingularValues(mode))));
    }

    private protected override Attempt<Func<Factored>> PlanWeight(
        Graph graph, Layer layer, FactorizeSettings settings, SampledLayer? samples, CancellationToken cancellation)
    {
        var cost = CostOf(layer);
        var starts = KernelTensor.OfGroups(layer.Weight, layer.Groups).Select(kernel => new HigherOrderSvd(kernel)).ToList();
        var data = samples is null ? null : new Lazy<DataAwareTucker>(() => new DataAwareTucker(samples.Samples, starts[0].Kernel, DenseWeights.BiasOf(graph, layer.Node)));
        var plan = TuckerRankPlanner.Plan(
            settings, cost, mode => Spectra.Sum(starts.Select(start => start.SquaredSingularValues(mode))), data is null ? null : mode => data.Value.Energies(mode));
        if (plan.Refusal is { } refusal)
            return refusal;
        return new Func<Factored>(() =>
        {
            var (ranks, macs) = (plan.Result, layer.Macs is null ? (long?)null : cost.MacsAfter(plan.Result));
            if (data is null)
            {
                var tucker = starts.ConvertAll(start => HigherOrderIteration.Run(start, ranks, cancellation));
                return new Factored(
                    ranks.ToString(), TuckerLanding.Of(graph, layer, tucker), macs, TuckerDecomposition.ErrorOf(tucker, starts.ConvertAll(start => start.Kernel)));
            }

            var plain = starts[0].Truncate(ranks);
            var factors = data.Value.Run(ranks, plain, samples!.Ridge);
            DenseWeights.SetBias(graph, layer.Node, factors.Bias);
            return new Factored(ranks.ToString(), TuckerLanding.Of(graph, layer, factors.Tucker), macs, plain.RelativeError, factors.Error, factors.PlainError);
        });
    }

    static TuckerCost CostOf(Layer layer)
    {
        var positions = ConvPositions.Of(layer);
        return new TuckerCost(
            layer.Weight.Shape[1], layer.Weight.Shape[0] / layer.Groups, checked((int)Cost.Product(layer.Kernel)), positions.Inputs, positions.Outputs, layer.Groups);
    }
}
