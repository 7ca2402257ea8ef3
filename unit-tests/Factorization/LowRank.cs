using Compress.Data;
using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Factorization;

/// <summary>Asks a technique for one thing at every layer, and makes weights of exactly low rank.</summary>
static class LowRank
{
    public static FactorizeSettings Rank(params int[] ranks) => new(RankRule.Rank, 0, ranks);

    public static FactorizeSettings By(RankRule rule, double value, int? roundTo = null) => new(rule, value, [], roundTo);

    public static CompressionContext Context(Model model, int[]? input = null, DataSet? calibration = null) => new(
        model,
        input is null ? null : new Dictionary<string, DataTensor> { ["x"] = DataTensor.Of(new float[input.Aggregate(1, (a, b) => a * b)], input) },
        calibration)
    {
        Threads = 1,
    };

    public static ModelPlan Plan(Model model, FactorizeSettings settings, bool byName = false)
    {
        var planned = new Planned<FactorizeSettings>(settings, new SourcePosition("compress.yaml", 5, 3), byName);
        return new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None).Select(layer => new LayerPlan(layer, Tucker: planned, Svd: planned, Cp: planned))]);
    }

    public static IReadOnlyList<LayerChange> Apply(
        ITechnique technique, Model model, FactorizeSettings settings, int[]? input = null, bool byName = false, DataSet? calibration = null) =>
        technique.Apply(model, Plan(model, settings, byName), Context(model, input, calibration));

    /// <summary>A kernel whose channel modes have exactly these ranks.</summary>
    public static float[] Kernel(int outputs, int inputs, int positions, int inputRank, int outputRank, int seed = 5)
    {
        var random = new GraphBuilder(seed: seed);
        var (core, left, right) = (random.Normal(outputRank * inputRank * positions), random.Normal(outputs * outputRank), random.Normal(inputs * inputRank));
        var kernel = new float[outputs * inputs * positions];
        for (var o = 0; o < outputs; o++)
        {
            for (var i = 0; i < inputs; i++)
            {
                for (var k = 0; k < positions; k++)
                {
                    var sum = 0.0;
                    for (var a = 0; a < outputRank; a++)
                    {
                        for (var b = 0; b < inputRank; b++)
                            sum += (double)left[o * outputRank + a] * right[i * inputRank + b] * core[(a * inputRank + b) * positions + k];
                    }

                    kernel[(o * inputs + i) * positions + k] = (float)sum;
                }
            }
        }

        return kernel;
    }

    /// <summary>A matrix of exactly this rank.</summary>
    public static float[] Matrix(int rows, int columns, int rank, int seed = 6) => Kernel(rows, columns, 1, rank, rank, seed);
}
