using Compress.Models;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Quantization;

/// <summary>Writes one float model in int8 in any number of ways. Ranges are measured once for all of them.</summary>
sealed class QuantizedForms
{
    readonly Model model;
    readonly IReadOnlyDictionary<string, QuantizeSettings> settings;
    readonly ActivationRanges ranges;

    /// <param name="model">The float model. It is not edited.</param>
    /// <param name="settings">The settings of each layer, by the name of its output.</param>
    /// <param name="context">Names the data.</param>
    /// <param name="step">The step's name for progress.</param>
    public QuantizedForms(Model model, IReadOnlyDictionary<string, QuantizeSettings> settings, CompressionContext context, string step)
    {
        (this.model, this.settings) = (model, settings);
        ranges = new ActivationRanges(model, SettingsFor, context, step);
    }

    /// <summary>The model in one form, as a clone.</summary>
    public Model Build(IReadOnlyDictionary<string, LayerPrecision> precisions)
    {
        var clone = model.Clone();
        Write(clone, precisions);
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
        var graph = target.Graph;
        var operators = new QuantizationOperators(target);
        var outputs = new Dictionary<string, (string Before, string After)>();
        var (integer, weightsOnly) = (At(LayerPrecision.Int8), At(LayerPrecision.Int8Weights));
        if (integer.Count > 0)
        {
            var names = integer.Keys.ToDictionary(node => node, node => node.Output());
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
        using var clone = model.Clone();
        ranges.Measure(layers.SelectMany(layer => new StaticQuantization(
            clone.Graph, new Dictionary<Node, QuantizeSettings> { [clone.Graph.Producer(layer)!] = settings[layer] }, ranges).Sources));
    }

    /// <summary>A tensor's range is found as the first int8 layer that reads or makes it asks.</summary>
    QuantizeSettings SettingsFor(string tensor)
    {
        var graph = model.Graph;
        if (graph.Consumers(tensor).Select(Asked).FirstOrDefault(asked => asked is not null) is { } reader)
            return reader;
        var maker = graph.Producer(tensor);
        if (maker is not null && Asked(maker) is null && maker.Inputs.Count > 0)
            maker = graph.Producer(maker.Input(0));
        return (maker is null ? null : Asked(maker)) ?? settings.Values.First(asked => asked.Activations);
    }

    QuantizeSettings? Asked(Node node) => settings.GetValueOrDefault(node.Output()) is { Activations: true } asked ? asked : null;
}
