using System.Numerics.Tensors;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Regression;
using Compress.Techniques;

namespace Compress.Factorization;

/// <summary>
/// Tucker-2 of a convolution on its channel modes (Tucker 1966; Kim et al. 2016): a 1x1 convolution from C_in to R3 channels,
/// a core of the layer's own kernel size from R3 to R4, and a 1x1 convolution from R4 to C_out. Layers with at most four input
/// channels keep the input mode whole (Tucker-1). Factors start from the HOSVD and are refined by HOOI.
/// </summary>
public sealed class TuckerFactorization : LowRankTechnique
{
    public override string Kind => "tucker";

    private protected override Planned<FactorizeSettings>? Asked(LayerPlan plan) => plan.Tucker;

    private protected override Refusal? RefuseForm(Layer layer)
    {
        if (!layer.Node.Is("Conv") || layer.Weight.Shape.Length < 3)
            return Refusal.CannotApply($"tucker treats Conv, and this is {layer.Op}");
        return layer.Groups == 1 ? null : Refusal.CannotApply($"it is a grouped convolution (group {layer.Groups}), whose channels do not mix");
    }

    private protected override Attempt<Func<Factored>> PlanWeight(
        Graph graph, Layer layer, FactorizeSettings settings, SampledLayer? samples, CancellationToken cancellation)
    {
        var cost = CostOf(layer);
        var start = new HigherOrderSvd(KernelTensor.Of(layer.Weight));
        var data = samples is null ? null : new Lazy<DataAwareTucker>(() => new DataAwareTucker(samples.Samples, start.Kernel, BiasOf(layer)));
        var plan = TuckerRankPlanner.Plan(settings, cost, start.SquaredSingularValues, data is null ? null : mode => data.Value.Energies(mode));
        if (plan.Refusal is { } refusal)
            return refusal;
        return new Func<Factored>(() =>
        {
            var macs = layer.Macs is null ? (long?)null : cost.MacsAfter(plan.Result);
            if (data is null)
            {
                var tucker = HigherOrderIteration.Run(start, plan.Result, cancellation);
                return new Factored(plan.Result.ToString(), TuckerLanding.Of(graph, layer, tucker), macs, tucker.RelativeError);
            }

            var plain = start.Truncate(plan.Result);
            var factors = data.Value.Run(plan.Result, plain, samples!.Ridge);
            DenseWeights.SetBias(graph, layer.Node, factors.Bias);
            return new Factored(
                plan.Result.ToString(), TuckerLanding.Of(graph, layer, factors.Tucker), macs, plain.RelativeError, factors.Error, factors.PlainError);
        });
    }

    static double[] BiasOf(Layer layer)
    {
        var bias = new double[layer.Weight.Shape[0]];
        if (layer.Bias is { } given)
            TensorPrimitives.ConvertTruncating(given.Floats(), bias);
        return bias;
    }

    /// <summary>The cost for measured positions; where they are not known, one output position takes as many input positions as the strides skip.</summary>
    static TuckerCost CostOf(Layer layer)
    {
        var (outputs, inputs) = (layer.Weight.Shape[0], layer.Weight.Shape[1]);
        var kernel = checked((int)Cost.Product(layer.Kernel));
        var strides = (layer.Node.Ints("strides") ?? []).Aggregate(1L, (product, stride) => product * stride);
        return layer is { InputShape: { } input, OutputShape: { } output }
            ? new TuckerCost(inputs, outputs, kernel, Cost.Product(input) / inputs, Cost.Product(output) / outputs)
            : new TuckerCost(inputs, outputs, kernel, strides, 1);
    }
}
