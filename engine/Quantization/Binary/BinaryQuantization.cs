using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Quantization.Binary;

/// <summary>Stores the weights of Conv, Gemm and MatMul as signs and magnitudes, a bit each, and leaves all arithmetic in float.</summary>
public sealed class BinaryQuantization : ITechnique
{
    public string Kind => "quantize";

    public bool IsAsked(ModelPlan plan) => plan.Layers.Any(layer => Asked(layer) is not null);

    public int NeededOpset(ModelPlan plan) => PackedWriter.LeastOpset;

    public IEnumerable<Layer> Treatable(Model model, IReadOnlyList<Layer> layers, TensorShapes shapes) => layers.Where(layer => Obstacle(layer) is null);

    public IReadOnlyList<LayerChange> Apply(Model model, ModelPlan plan, CompressionContext context)
    {
        if (model.Opset < PackedWriter.LeastOpset)
            throw new ArgumentException($"the model's opset is {model.Opset}; quantize needs {PackedWriter.LeastOpset}", nameof(model));

        var changes = new List<LayerChange>();
        var layers = AskedLayers.Find(LayerCatalog.List(model.Graph, context.MeasureShapes(model)), plan, Asked, (layer, _) => Obstacle(layer), changes);
        if (layers.Count == 0)
            return changes;
        var reference = context.Calibration is null ? null : model.Clone();
        var writer = new BinaryWriter();
        var weightErrors = layers.ToDictionary(entry => entry.Layer.Node, entry => writer.Apply(entry.Layer.Graph, entry.Layer.Node, entry.Asked.Settings.PerChannel));
        model.Graph.RemoveDead();
        var after = LayerCatalog.List(model.Graph, context.MeasureShapes(model)).ToDictionary(layer => layer.Node);
        // What a body computes is no output of a model; there the weight tells.
        var errors = reference is null
            ? new Dictionary<Node, double>()
            : OutputErrors.Measure(reference, model, layers.Where(entry => entry.Layer.Within is null)
                .ToDictionary(entry => entry.Layer.Node, entry => (entry.Layer.Node.Output(), entry.Layer.Node.Output())), context, Kind);
        foreach (var group in layers.GroupBy(entry => plan.Of(entry.Layer.Node)!.Layer.Name))
        {
            var (first, last) = (group.First(), group.Last());
            changes.Add(new LayerChange(group.Key, plan.Of(first.Layer.Node)!.Layer.Op, Kind, first.Asked.Settings.ToString(),
                LayerStates.Of([.. group.Select(entry => entry.Layer)]), LayerStates.Of([.. group.Select(entry => after[entry.Layer.Node])]),
                errors.TryGetValue(last.Layer.Node, out var error) ? error : reference is null || last.Layer.Within is not null ? weightErrors[last.Layer.Node] : null));
        }

        return changes;
    }

    static Planned<QuantizeSettings>? Asked(LayerPlan plan) => plan.Quantize is { Settings.As: QuantizationType.Binary } asked ? asked : null;

    static string? Obstacle(Layer layer)
    {
        if (layer.Node.Is("Gather", "LSTM", "GRU", "RNN", "ConvTranspose"))
            return $"only Conv, Gemm and MatMul take binary weights, and this is {layer.Op}";
        return QuantizationObstacles.OfWeight(layer.Graph, layer.Node);
    }
}
