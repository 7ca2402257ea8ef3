using Compress.Models;
using Compress.Policies;
using Compress.Quantization.Repair;
using Compress.Techniques;

namespace Compress.Quantization;

/// <summary>Writes one float model in int8 in any number of ways. Ranges are measured once for all of them.</summary>
sealed class QuantizedForms
{
    readonly IReadOnlyDictionary<string, QuantizeSettings> settings;
    readonly ActivationRanges ranges;
    readonly CompressionContext context;
    readonly string step;

    /// <summary>What scales the float model before anything is quantized.</summary>
    readonly Equalization? equalization;

    /// <summary>What is added to biases, by the output of the layer.</summary>
    readonly IReadOnlyDictionary<string, double[]> shifts = new Dictionary<string, double[]>();

    /// <param name="model">The float model. It is not edited.</param>
    /// <param name="settings">The settings of each layer, by the name of its output.</param>
    /// <param name="context">Names the data.</param>
    /// <param name="step">The step's name for progress.</param>
    public QuantizedForms(Model model, IReadOnlyDictionary<string, QuantizeSettings> settings, CompressionContext context, string step)
    {
        (Float, this.settings, this.context, this.step) = (model, settings, context, step);
        ranges = new ActivationRanges(model, SettingsFor, context, step);
    }

    QuantizedForms(QuantizedForms others, Equalization equalization)
        : this(others.Float.Clone(), others.settings, others.context, others.step)
    {
        this.equalization = equalization;
        equalization.Apply(Float.Graph);
    }

    QuantizedForms(QuantizedForms others, IReadOnlyDictionary<string, double[]> shifts)
    {
        (Float, settings, context, step, equalization) = (others.Float, others.settings, others.context, others.step, others.equalization);
        (ranges, this.shifts) = (others.ranges, shifts);
    }

    /// <summary>The float model, which gives what the original gives, equalized or not.</summary>
    public Model Float { get; }

    /// <summary>Forms of the equalized model.</summary>
    public QuantizedForms With(Equalization equalized) => new(this, equalized);

    /// <summary>The same forms with corrected biases.</summary>
    /// <param name="corrections">What to add for each output channel, by the output of the layer.</param>
    public QuantizedForms With(IReadOnlyDictionary<string, double[]> corrections) => new(this, corrections);

    /// <summary>The model in one form, as a clone.</summary>
    /// <param name="precisions">The precision of each layer, by the name of its output.</param>
    /// <param name="nodes">Takes the node of each layer in the clone.</param>
    public Model Build(IReadOnlyDictionary<string, LayerPrecision> precisions, IDictionary<string, Node>? nodes = null)
    {
        var clone = Float.Clone();
        foreach (var layer in nodes is null ? [] : precisions.Keys)
            nodes![layer] = clone.Graph.Producer(layer)!;
        Insert(clone, precisions);
        return clone;
    }

    /// <param name="precisions">The precision of each layer, by the name of its output.</param>
    /// <param name="outputs">As <see cref="Write"/> returns them.</param>
    public Model Build(IReadOnlyDictionary<string, LayerPrecision> precisions, out IReadOnlyDictionary<string, (string Before, string After)> outputs)
    {
        var clone = Float.Clone();
        outputs = Insert(clone, precisions);
        return clone;
    }

    /// <summary>Brings a model with the same layers into one form.</summary>
    /// <param name="target">The float model, or a clone of it.</param>
    /// <param name="precisions">The precision of each layer, by the name of its output.</param>
    /// <param name="bodies">Layers in the bodies of If, Loop and Scan, by any key; their weights alone are stored in int8.</param>
    /// <param name="weightErrors">Takes the relative error of each weight that is stored in int8 alone.</param>
    /// <returns>For each layer that is not in float, the tensor that holds its output in the float model and the one that holds it now.</returns>
    public IReadOnlyDictionary<string, (string Before, string After)> Write(
        Model target, IReadOnlyDictionary<string, LayerPrecision> precisions,
        IReadOnlyDictionary<string, (Graph Graph, Node Node, QuantizeSettings Settings)>? bodies = null, IDictionary<string, double>? weightErrors = null)
    {
        equalization?.Apply(target.Graph);
        return Insert(target, precisions, bodies, weightErrors);
    }

    IReadOnlyDictionary<string, (string Before, string After)> Insert(
        Model target, IReadOnlyDictionary<string, LayerPrecision> precisions,
        IReadOnlyDictionary<string, (Graph Graph, Node Node, QuantizeSettings Settings)>? bodies = null, IDictionary<string, double>? weightErrors = null)
    {
        var graph = target.Graph;
        var operators = new QuantizationOperators(target, settings.Values.Select(asked => asked.ActivationBits).Append(0).Max());
        var outputs = new Dictionary<string, (string Before, string After)>();
        var (integer, weightsOnly) = (At(LayerPrecision.Integer), At(LayerPrecision.IntegerWeights));
        if (integer.Count > 0)
        {
            var names = integer.Keys.ToDictionary(node => node, node => node.Output());
            foreach (var (node, name) in names)
            {
                if (shifts.TryGetValue(name, out var shift))
                    LayerBias.Shift(graph, node, shift);
            }

            foreach (var (node, tensors) in new StaticQuantization(graph, integer, ranges).Apply(operators))
                outputs.Add(names[node], tensors);
        }

        var storage = new WeightOnlyQuantization(operators);
        foreach (var (node, asked) in weightsOnly)
        {
            var output = node.Output();
            outputs.Add(output, (output, output));
            var error = storage.Apply(graph, node, asked);
            weightErrors?.Add(output, error);
        }

        foreach (var (key, body) in bodies ?? new Dictionary<string, (Graph, Node, QuantizeSettings)>())
        {
            var error = storage.Apply(body.Graph, body.Node, body.Settings);
            weightErrors?.Add(key, error);
        }

        graph.RemoveDead();
        return outputs;

        Dictionary<Node, QuantizeSettings> At(LayerPrecision precision) => precisions.Where(entry => entry.Value == precision)
            .ToDictionary(entry => graph.Producer(entry.Key)!, entry => settings[entry.Key]);
    }

    /// <summary>Measures, in one pass over the data, what each layer needs when it alone is quantized.</summary>
    public void MeasureAlone(IEnumerable<string> layers)
    {
        using var clone = Float.Clone();
        ranges.Measure(layers.SelectMany(layer => new StaticQuantization(
            clone.Graph, new Dictionary<Node, QuantizeSettings> { [clone.Graph.Producer(layer)!] = settings[layer] }, ranges).Sources));
    }

    /// <summary>A tensor's range is found as the first layer that reads or makes it asks, in 16 bits if one of them asks for these.</summary>
    QuantizeSettings SettingsFor(string tensor)
    {
        var graph = Float.Graph;
        var maker = graph.Producer(tensor);
        if (maker is not null && Asked(maker) is null && maker.Inputs.Count > 0)
            maker = graph.Producer(maker.Input(0));
        var asked = graph.Consumers(tensor).Append(maker).OfType<Node>().Select(Asked).OfType<QuantizeSettings>().ToList();
        return asked.MaxBy(settings => settings.ActivationBits) ?? settings.Values.First(other => other.Activations);
    }

    QuantizeSettings? Asked(Node node) => settings.GetValueOrDefault(node.Output()) is { Activations: true } asked ? asked : null;
}
