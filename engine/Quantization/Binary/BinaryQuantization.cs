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
        var parts = layers.ConvertAll(entry => new TreatedLayer(
            entry.Layer, entry.Asked.Settings, entry.Layer.Node, entry.Layer.Node.Output(), writer.Apply(entry.Layer.Graph, entry.Layer.Node, entry.Asked.Settings.PerChannel)));
        model.Graph.RemoveDead();
        changes.AddRange(TreatedLayer.Changes(parts, reference, model, plan, context));
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
