using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Techniques;

namespace Compress.Quantization.Repair;

/// <summary>
/// Finds which layers must compute in float so that a quantized model's outputs stay near the float model's. Damage is measured, not
/// guessed: each layer is quantized alone and the model is run. With a bound on what any layer may do alone, those above it get back
/// float activations, or float weights too where these are what hurts; the greatest bound that is good enough counts.
/// </summary>
/// <param name="forms">Writes the model in any form.</param>
/// <param name="context">Names the data.</param>
/// <param name="step">The step's name for progress.</param>
sealed class FloatFallback(QuantizedForms forms, CompressionContext context, string step)
{
    /// <summary>For telling whether a choice is good enough.</summary>
    const int Samples = 16;

    /// <summary>For what single layers do.</summary>
    const int SamplesAlone = 4;

    /// <summary>What sums of shares may be off by.</summary>
    const double Rounding = 1e-9;

    readonly ReferenceOutputs reference = ReferenceOutputs.Of(forms.Float, context, Samples);
    readonly Dictionary<string, Damage> damages = [];
    readonly BatchLoop loop = new(context.Threads);

    /// <summary>Cloning a model brings its message up to date.</summary>
    readonly Lock building = new();

    /// <summary>What a layer does to the model's outputs when it alone is quantized: the relative error.</summary>
    /// <param name="WithActivations">With weights and activations in integers.</param>
    /// <param name="OfWeights">With weights alone; 0 where it cannot matter.</param>
    public readonly record struct Damage(double WithActivations, double OfWeights);

    /// <summary>The most that may fall back, as a share of the MACs of all layers.</summary>
    public double Budget { get; init; } = 1;

    public Damage Of(string layer) => damages[layer];

    /// <summary>The outputs' relative error in one form.</summary>
    public double ErrorOf(IReadOnlyDictionary<string, LayerPrecision> precisions)
    {
        using var candidate = forms.Build(precisions);
        return reference.ErrorOf(candidate, Samples);
    }

    /// <summary>Takes as little back as brings the outputs' relative error to at most <paramref name="goal"/>.</summary>
    /// <param name="asked">The precision asked for each layer, by the name of its output.</param>
    /// <param name="mayFall">Whether something may be taken back from a layer.</param>
    /// <param name="goal">The greatest relative error of any output on calibration data.</param>
    /// <remarks>Where less may fall back than the goal takes, as much falls back as may.</remarks>
    /// <returns>The precisions, and the outputs' relative error with them.</returns>
    public (Dictionary<string, LayerPrecision> Precisions, double Error) Choose(IReadOnlyDictionary<string, LayerPrecision> asked, Func<string, bool> mayFall, double goal)
    {
        MeasureAlone(asked.Where(entry => mayFall(entry.Key)).ToDictionary(), goal);
        var macs = LayerCatalog.List(forms.Float.Graph, context.MeasureShapes(forms.Float)).Where(layer => asked.ContainsKey(layer.Node.Output()))
            .ToDictionary(layer => layer.Node.Output(), layer => (double)(layer.Macs ?? 0));
        double[] bounds = [.. damages.Values.SelectMany(damage => new[] { damage.WithActivations, damage.OfWeights }).Append(0).Distinct().OrderDescending()];
        var most = bounds.Length - 1;
        while (most > 0 && Share(bounds[most]) > Budget + Rounding)
            most--;
        var least = 0;
        var errors = new double?[bounds.Length];
        while (least < most)
        {
            var middle = (least + most) / 2;
            if (Error(middle) <= goal)
                most = middle;
            else
                least = middle + 1;
        }

        return (Within(bounds[least]), Error(least));

        double Error(int index) => errors[index] ??= ErrorOf(Within(bounds[index]));

        // What computes in float is what costs; a larger bound takes back less.
        double Share(double bound) => macs.Values.Sum() is var all && all > 0
            ? Within(bound).Where(entry => entry.Value != asked[entry.Key]).Sum(entry => macs.GetValueOrDefault(entry.Key)) / all
            : 0;

        Dictionary<string, LayerPrecision> Within(double bound)
        {
            var choice = new Dictionary<string, LayerPrecision>(asked);
            foreach (var (layer, damage) in damages)
                choice[layer] = damage.OfWeights > bound ? LayerPrecision.Float : damage.WithActivations > bound ? LayerPrecision.IntegerWeights : asked[layer];
            return choice;
        }
    }

    /// <summary>
    /// Errors of layers add up as squares do, about: those that stay below goal / (2√n) are within half of the goal together, and
    /// what their weights do need not be known.
    /// </summary>
    void MeasureAlone(Dictionary<string, LayerPrecision> asked, double goal)
    {
        forms.MeasureAlone(asked.Where(entry => entry.Value == LayerPrecision.Integer).Select(entry => entry.Key));
        var negligible = goal / (2 * Math.Sqrt(Math.Max(1, asked.Count)));
        var order = asked.ToList();
        var found = new Damage[order.Count];
        var done = 0;
        loop.Each(order.Count, i =>
        {
            var (layer, precision) = order[i];
            var withActivations = precision == LayerPrecision.Integer ? Alone(layer, precision) : 0;
            var mayMatter = precision == LayerPrecision.IntegerWeights || withActivations > negligible;
            found[i] = new Damage(withActivations, mayMatter ? Alone(layer, LayerPrecision.IntegerWeights) : 0);
            lock (building)
                context.Report(step, (double)++done / order.Count);
        }, context.Cancellation);
        foreach (var (entry, damage) in order.Zip(found))
            damages.Add(entry.Key, damage);
    }

    double Alone(string layer, LayerPrecision precision)
    {
        Model candidate;
        lock (building)
            candidate = forms.Build(new Dictionary<string, LayerPrecision> { [layer] = precision });
        using (candidate)
            return reference.ErrorOf(candidate, SamplesAlone, optimize: false, loop.ThreadsWithin);
    }
}
