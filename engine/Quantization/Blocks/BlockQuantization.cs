using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Numerics;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Quantization.Blocks;

/// <summary>
/// Stores the weights of dense layers and tables in 4 bits, with a scale for each block of 16 to 256 of them, and leaves activations in float.
/// </summary>
public sealed class BlockQuantization : ITechnique
{
    /// <summary>The first opset with 4-bit tensors and a DequantizeLinear over blocks.</summary>
    const int LeastStandardOpset = 21;

    /// <summary>MatMulNBits and GatherBlockQuantized are ONNX Runtime's own in any opset that it runs.</summary>
    const int LeastRuntimeOpset = 7;

    public string Kind => "quantize";

    public bool IsAsked(ModelPlan plan) => plan.Layers.Any(layer => Asked(layer) is not null);

    public int NeededOpset(ModelPlan plan) =>
        plan.Layers.Any(layer => Asked(layer) is { Settings.Form: BlockForm.Standard }) ? LeastStandardOpset : LeastRuntimeOpset;

    public IEnumerable<Diagnostic> Foresee(Model model, ModelPlan plan, bool hasCalibration)
    {
        if (!hasCalibration && plan.Layers.Select(Asked).FirstOrDefault(asked => asked is { Settings.By: WeightRounding.Gptq }) is { } needy)
            yield return Codes.DataNeeded.At(needy.Position, "'by: gptq' needs calibration data; name some under 'data: calibration', or round 'by: mse'");
    }

    public IEnumerable<Layer> Treatable(Model model, IReadOnlyList<Layer> layers, TensorShapes shapes) =>
        layers.Where(layer => BlockObstacles.Of(layer.Graph, layer.Node, new QuantizeSettings(As: QuantizationType.Int4)) is null);

    public IReadOnlyList<LayerChange> Apply(Model model, ModelPlan plan, CompressionContext context)
    {
        if (NeededOpset(plan) is var least && model.Opset < least)
            throw new ArgumentException($"the model's opset is {model.Opset}; quantize needs {least}", nameof(model));
        if (Foresee(model, plan, context.Calibration is not null).ToArray() is { Length: > 0 } obstacles)
            throw new CompressException(obstacles);

        var changes = new List<LayerChange>();
        var layers = AskedLayers.Find(LayerCatalog.List(model.Graph, context.MeasureShapes(model)), plan, Asked,
                (layer, settings) => BlockObstacles.Of(layer.Graph, layer.Node, settings), changes)
            .Select(entry => (entry.Layer, Settings: entry.Asked.Settings with { By = RoundingOf(entry.Layer, entry.Asked.Settings, context) })).ToList();
        if (layers.Count == 0)
            return changes;
        var reference = context.Calibration is null ? null : model.Clone();
        var weights = Round(model, layers, context);
        var writer = new BlockWriter(model);
        // A table's own node gets another output.
        var outputs = layers.ConvertAll(entry => entry.Layer.Node.Output());
        var parts = layers.Zip(outputs, (entry, output) => new TreatedLayer(
            entry.Layer, entry.Settings, writer.Write(entry.Layer.Node, weights[entry.Layer.Node], entry.Settings), output, weights[entry.Layer.Node].RelativeError)).ToList();
        model.Graph.RemoveDead();
        changes.AddRange(TreatedLayer.Changes(parts, reference, model, plan, context));
        return changes;
    }

    static Planned<QuantizeSettings>? Asked(LayerPlan plan) => plan.Quantize is { Settings.As: QuantizationType.Int4 } asked ? asked : null;

    /// <summary>By the outputs where there is data to know them, and by the weights where there is none, or a row is all that is read.</summary>
    static WeightRounding RoundingOf(Layer layer, QuantizeSettings settings, CompressionContext context) => (settings.By, layer.Node.OpType) switch
    {
        (WeightRounding.Gptq or null, "Gather") => WeightRounding.SquaredError,
        ({ } asked, _) => asked,
        _ => context.Calibration is null || layer.Weight.Shape.Max() > InputGrams.MostInputs ? WeightRounding.SquaredError : WeightRounding.Gptq,
    };

    Dictionary<Node, BlockedWeight> Round(Model model, List<(Layer Layer, QuantizeSettings Settings)> layers, CompressionContext context)
    {
        var weights = new Dictionary<Node, BlockedWeight>();
        var aware = layers.Where(entry => entry.Settings.By == WeightRounding.Gptq).GroupBy(entry => entry.Layer.Node.Input(0)).ToDictionary(group => group.Key, group => group.ToList());
        if (aware.Count > 0)
        {
            var sizes = aware.ToDictionary(entry => entry.Key, entry => InputsOf(entry.Value[0].Layer));
            InputGrams.Measure(model, sizes, context, Kind, (tensor, moments) =>
            {
                var feedback = BlockQuantizer.Feedback(moments);
                foreach (var (layer, settings) in aware[tensor])
                    Add(layer, settings, feedback);
            });
        }

        foreach (var (layer, settings) in layers.Where(entry => entry.Settings.By != WeightRounding.Gptq))
            Add(layer, settings, null);
        return weights;

        void Add(Layer layer, QuantizeSettings settings, FloatMatrix? feedback)
        {
            context.Report(Kind, (double)weights.Count / layers.Count);
            var (values, rows, columns) = BlockWriter.Matrix(layer.Node, layer.Weight);
            weights.Add(layer.Node, BlockQuantizer.Quantize(values, rows, columns, settings, feedback));
            layer.Weight.Release();
        }
    }

    static int InputsOf(Layer layer) => layer.Weight.Shape[1 - LayerCatalog.OutputAxis(layer.Node)];
}
