using Compress.Layers;
using Compress.Models;
using Compress.Numerics;
using Compress.Policies;
using Compress.Regression;
using Compress.Techniques;

namespace Compress.Factorization;

/// <summary>
/// CP of a convolution (Lebedev et al., ICLR 2015): a 1x1 convolution from C_in to R channels, one along each axis of the kernel, channel by
/// channel, and a 1x1 convolution from R to C_out.
/// </summary>
public sealed class CpFactorization : LowRankTechnique
{
    public override string Kind => "cp";

    internal override Planned<FactorizeSettings>? Asked(LayerPlan plan) => plan.Cp;

    private protected override Refusal? RefuseForm(Layer layer)
    {
        if (!layer.Node.Is("Conv") || layer.Kernel.Length is not (1 or 2))
            return Refusal.CannotApply($"cp treats Conv with a kernel over one or two axes, and this is {layer.Op}{(layer.Kernel.Length > 0 ? $" over {layer.Kernel.Length}" : "")}");
        if (layer.Groups > 1)
            return Refusal.CannotApply($"it is a grouped convolution (group {layer.Groups}), whose channels do not mix");
        return layer.Kernel.All(size => size == 1) ? Refusal.CannotApply("its kernel has one position, where cp is an svd; use svd") : null;
    }

    private protected override Attempt<Func<Factored>> PlanWeight(
        Graph graph, Layer layer, FactorizeSettings settings, SampledLayer? samples, CancellationToken cancellation)
    {
        var cost = CostOf(layer);
        var kernel = KernelTensor.Of(layer.Weight);
        var (height, width) = (layer.Kernel[0], layer.Kernel.Length > 1 ? layer.Kernel[1] : 1);
        var data = samples is null ? null : new DataAwareCp(samples, kernel, height, width, DenseWeights.BiasOf(graph, layer.Node));
        var plan = SvdRankPlanner.Plan(settings, cost, () => data is null ? RankPlanner.NoSamples : Least(settings, cost, data, cancellation));
        if (plan.Refusal is { } refusal)
            return refusal;
        return new Func<Factored>(() =>
        {
            var (rank, macs) = (plan.Result, layer.Macs is null ? (long?)null : cost.MacsAfter(plan.Result));
            if (data is null)
            {
                var plain = new CpAlternation(kernel, height, width).Run(rank, seed: 0, cancellation);
                return new Factored($"rank {rank}", Land(graph, layer, plain), macs, plain.RelativeError);
            }

            var found = data.Run(rank, cancellation);
            DenseWeights.SetBias(graph, layer.Node, found.Bias);
            return new Factored($"rank {rank}", Land(graph, layer, found.Cp), macs, found.Cp.RelativeError, found.Error, found.ErrorBefore);
        });
    }

    /// <summary>The least rank of those that save whose outputs are near enough; more rank is taken to be no worse.</summary>
    static Attempt<int> Least(FactorizeSettings settings, SvdCost cost, DataAwareCp data, CancellationToken cancellation)
    {
        var multiple = RankPlanner.Multiple(settings, cost.MaxRank);
        var most = (int)Math.Min(cost.MaxRank, Math.Min((cost.Macs - 1) / cost.MacsOfRank, (cost.Weights - 1) / cost.WeightsOfRank)) / multiple;
        if (most < 1 || data.Run(most * multiple, cancellation).Error is var reached && reached > settings.Value)
            return Refusal.CannotApply($"no rank that saves anything brings the error of its output down to {settings.Value:0.##%}");
        var least = 1;
        while (least < most)
        {
            var middle = (least + most) / 2;
            if (data.Run(middle * multiple, cancellation).Error <= settings.Value)
                most = middle;
            else
                least = middle + 1;
        }

        return least * multiple;
    }

    static Replacement Land(Graph graph, Layer layer, CpDecomposition cp)
    {
        var rank = cp.Rank;
        var chain = new ConvChain(graph, layer).Pointwise("cp_in", cp.Inputs.Values.ToArray(), rank);
        if (layer.Kernel.Length > 1)
        {
            chain.Along("cp_first", 0, cp.First.Values.ToArray(), rank, rank).Along("cp_second", 1, cp.Second.Values.ToArray(), rank, rank);
        }
        else
        {
            var first = new FloatMatrix(rank, cp.First.Columns, cp.First.Values.ToArray());
            for (var r = 0; r < rank; r++)
                System.Numerics.Tensors.TensorPrimitives.Multiply(first.Row(r), cp.Second.Row(r)[0], first.Row(r));
            chain.Along("cp_first", 0, first.Values.ToArray(), rank, rank);
        }

        return chain.Pointwise("cp_out", cp.Outputs.Transposed().Values.ToArray(), cp.Outputs.Columns).Finish();
    }

    /// <summary>C_in·Q + K_h·(positions between) + K_w·P + C_out·P multiply-accumulates for each rank.</summary>
    static SvdCost CostOf(Layer layer)
    {
        var (outputs, inputs) = (layer.Weight.Shape[0], layer.Weight.Shape[1]);
        var positions = ConvPositions.Of(layer);
        var kernel = Cost.Product(layer.Kernel);
        var second = layer.Kernel.Length > 1 ? layer.Kernel[1] : 0;
        return new SvdCost(
            (int)Math.Min(inputs * kernel, outputs * kernel), "min(C_in·K, C_out·K)",
            inputs * outputs * kernel * positions.Outputs,
            (inputs * positions.Inputs) + (layer.Kernel[0] * positions.Between) + ((second + outputs) * positions.Outputs),
            inputs * outputs * kernel, inputs + layer.Kernel[0] + second + outputs);
    }
}
