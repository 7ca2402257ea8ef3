using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Quantization;

/// <summary>
/// int8 quantization: int8 weights, and activations either quantized at ranges measured on calibration data or left in float.
/// </summary>
public sealed class Int8Quantization : ITechnique
{
    /// <summary>The first opset whose DequantizeLinear takes a scale for each channel.</summary>
    public const int LeastOpset = 13;

    public string Kind => "quantize";

    public bool IsAsked(ModelPlan plan) => plan.Layers.Any(layer => layer.Quantize is not null);

    public int NeededOpset(ModelPlan plan) => LeastOpset;

    public IEnumerable<Diagnostic> Foresee(Model model, ModelPlan plan, bool hasCalibration)
    {
        if (!hasCalibration && plan.Layers.FirstOrDefault(layer => layer.Quantize is { Settings.Activations: true })?.Quantize is { } needy)
            yield return Codes.DataNeeded.At(needy.Position, "'quantize: int8' needs calibration data; name some under 'data: calibration', or quantize weights alone with 'activations: none'");
    }

    public IEnumerable<Layer> Treatable(Model model, IReadOnlyList<Layer> layers, TensorShapes shapes) =>
        layers.Where(layer => WhyNotWeight(layer.Graph, layer.Node) is null);

    public IReadOnlyList<LayerChange> Apply(Model model, ModelPlan plan, CompressionContext context)
    {
        if (model.Opset < LeastOpset)
            throw new ArgumentException($"the model's opset is {model.Opset}; quantize needs {LeastOpset}", nameof(model));
        if (Foresee(model, plan, context.Calibration is not null).ToArray() is { Length: > 0 } obstacles)
            throw new CompressException(obstacles);

        var changes = new List<LayerChange>();
        var before = LayerCatalog.List(model.Graph, context.MeasureShapes(model));
        var layers = new Dictionary<Node, Planned<QuantizeSettings>>();
        var graphs = before.ToDictionary(layer => layer.Node, layer => layer.Graph);
        foreach (var layer in before)
        {
            if (plan.Of(layer.Node)?.Quantize is not { } asked)
                continue;
            if (WhyNot(layer.Graph, layer.Node, asked.Settings) is not { } reason)
                layers.Add(layer.Node, asked);
            else if (asked.ByName)
                throw Codes.CannotApply.Fail(asked.Position, $"cannot quantize {layer}: {reason}");
            else
                changes.Add(new LayerChange(OriginalName(plan, layer), layer.Op, Kind, asked.Settings.ToString(), Skipped: reason));
        }

        if (layers.Count == 0)
            return changes;
        var reference = model.Clone();
        var outputs = layers.Where(entry => !entry.Value.Settings.Activations && graphs[entry.Key] == model.Graph).ToDictionary(entry => entry.Key, entry => (entry.Key.Output(), entry.Key.Output()));
        var integer = layers.Where(entry => entry.Value.Settings.Activations).ToDictionary();
        if (integer.Count > 0)
        {
            foreach (var (node, tensors) in Quantize(model, integer, context))
                outputs.Add(node, tensors);
        }

        var weightErrors = QuantizeWeights([.. layers.Where(entry => !entry.Value.Settings.Activations).Select(entry => (graphs[entry.Key], entry.Key, entry.Value.Settings))], context);
        model.Graph.RemoveDead();
        var errors = context.Calibration is null ? weightErrors : OutputErrors.Measure(reference, model, outputs, context, Kind);
        var after = LayerCatalog.List(model.Graph, context.MeasureShapes(model)).ToDictionary(layer => layer.Node);
        foreach (var group in before.Where(layer => layers.ContainsKey(layer.Node)).GroupBy(layer => OriginalName(plan, layer)))
        {
            changes.Add(new LayerChange(group.Key, plan.Of(group.First().Node)!.Layer.Op, Kind, layers[group.First().Node].Settings.ToString(),
                LayerStates.Of([.. group]), LayerStates.Of([.. group.Select(layer => after[layer.Node])]),
                ErrorOf(group.Last())));
        }

        return changes;

        // What a body computes is no output of a model; there the weight tells.
        double? ErrorOf(Layer layer) => (layer.Within is null ? errors : weightErrors).TryGetValue(layer.Node, out var error) ? error : null;
    }

    /// <summary>Quantizes weights alone, one after another.</summary>
    /// <returns>The relative error of each layer's weight.</returns>
    IReadOnlyDictionary<Node, double> QuantizeWeights(
        IReadOnlyList<(Graph Graph, Node Node, QuantizeSettings Settings)> layers, CompressionContext context)
    {
        var quantization = new WeightOnlyQuantization();
        var errors = new Dictionary<Node, double>();
        foreach (var (graph, node, settings) in layers)
        {
            context.Report(Kind, (double)errors.Count / layers.Count);
            errors.Add(node, quantization.Apply(graph, node, settings));
        }

        return errors;
    }

    /// <summary>Quantizes the graph in place.</summary>
    /// <returns>For each layer, the tensor that holds its output in the float model and the one that holds it now.</returns>
    static Dictionary<Node, (string Before, string After)> Quantize(
        Model model, Dictionary<Node, Planned<QuantizeSettings>> layers, CompressionContext context)
    {
        var graph = model.Graph;
        var placement = new QuantizerPlacement(graph, layers.Keys.ToHashSet(), tensor => SettingsFor(tensor, graph, layers).Symmetric);
        var tensors = placement.Tensors;
        var observers = new Dictionary<string, IRangeObserver>();
        var byOwner = new Dictionary<string, IRangeObserver>();
        var symmetric = new HashSet<string>();
        foreach (var tensor in tensors.Where(placement.IsSource))
        {
            var (owner, settings) = (placement.ScaleOwner(tensor), SettingsFor(tensor, graph, layers));
            if (!byOwner.TryGetValue(owner, out var observer))
                byOwner.Add(owner, observer = IRangeObserver.For(settings));
            observers.Add(tensor, observer);
            if (settings.Symmetric)
                symmetric.Add(owner);
        }

        RangeCalibration.Run(model, observers, context, "quantize");
        var parameters = byOwner.ToDictionary(entry => entry.Key, entry => symmetric.Contains(entry.Key)
            ? QuantizationParameters.Symmetric(entry.Value.Range.Low, entry.Value.Range.High)
            : QuantizationParameters.Asymmetric(entry.Value.Range.Low, entry.Value.Range.High));

        var inFloat = LayerCatalog.List(graph, TensorShapes.None).Where(layer => layer.Within is null && !layers.ContainsKey(layer.Node) && graph.Initializer(layer.Weight.Name) is not null)
            .Select(layer => (layer.Node, Input: 1 - layer.WeightInput, Origin: placement.QuantizedOrigin(layer.Node.Input(1 - layer.WeightInput)))).ToList();
        var outputs = layers.Keys.ToDictionary(node => node,
            node => placement.IsQuantized(placement.EffectiveOutput(node)) ? placement.EffectiveOutput(node) : node.Output());
        var folded = placement.Folded;
        foreach (var activation in folded)
        {
            var producer = graph.Producer(activation.Input(0))!;
            graph.Remove(activation);
            graph.SetOutput(producer, 0, activation.Output());
        }

        var insertion = new QdqInsertion(graph);
        foreach (var (node, asked) in layers)
        {
            var inputScale = parameters[placement.ScaleOwner(node.Input(0))].Scale;
            var weight = graph.Initializer(node.Input(1))!;
            var axis = OutputAxis(node);
            insertion.QuantizeWeight(node, axis, WeightQuantizer.Quantize(weight, axis, BiasOf(graph, node), inputScale, asked.Settings.PerChannel), inputScale);
        }

        foreach (var tensor in tensors)
            insertion.QuantizeActivation(tensor, placement.ScaleOwner(tensor), parameters[placement.ScaleOwner(tensor)]);
        foreach (var (node, input, origin) in inFloat)
        {
            if (origin is not null)
                insertion.KeepInFloat(node, input, parameters[placement.ScaleOwner(origin)]);
        }

        graph.RemoveDead();
        return outputs.ToDictionary(entry => entry.Key, entry => (entry.Value, Dequantized(graph, entry.Value)));
    }

    /// <summary>The tensor that readers of a tensor now read.</summary>
    static string Dequantized(Graph graph, string tensor) =>
        graph.Consumers(tensor).FirstOrDefault(node => node.Is("QuantizeLinear")) is { } quantize
            ? graph.Consumers(quantize.Output())[0].Output()
            : tensor;

    /// <summary>A tensor's range is found as the first int8 layer that reads or makes it asks.</summary>
    static QuantizeSettings SettingsFor(string tensor, Graph graph, Dictionary<Node, Planned<QuantizeSettings>> layers)
    {
        var readers = graph.Nodes.Where(node => layers.ContainsKey(node) && node.Inputs.Contains(tensor));
        var maker = graph.Producer(tensor);
        if (maker is not null && !layers.ContainsKey(maker) && maker.Inputs.Count > 0)
            maker = graph.Producer(maker.Input(0));
        var decisive = readers.FirstOrDefault() ?? (maker is not null && layers.ContainsKey(maker) ? maker : null);
        return decisive is null ? layers.Values.First().Settings : layers[decisive].Settings;
    }

    static string? WhyNot(Graph graph, Node node, QuantizeSettings settings)
    {
        if (WhyNotWeight(graph, node) is var reason && (reason is not null || !settings.Activations))
            return reason;
        if (graph.Owner is { } owner)
            return $"it stands in a body of {owner}, where activations are not measured; quantize its weight alone with 'activations: none'";
        if (node.Is("Gather"))
            return "ONNX Runtime has no int8 kernel for Gather; quantize its weight alone with 'activations: none'";
        if (Origin(graph, node.Input(0)) is var origin && graph.Initializer(origin) is not null)
            return "its input is constant";
        if (graph.Producer(origin) is { OpType: "DequantizeLinear" })
            return "its input is quantized already";
        if (node.Is("Gemm") && (node.Float("alpha", 1) != 1 || node.Float("beta", 1) != 1 || node.Int("transA") != 0))
            return "int8 kernels take no alpha, beta or transposed input";
        var weight = graph.Initializer(node.Input(1))!;
        return node.Input(2).Length > 0 && (graph.Initializer(node.Input(2)) is not { Type: DataType.Float } bias || !LayerCatalog.IsBias(bias, weight.Shape[OutputAxis(node)]))
            ? "its bias is not one constant for each output channel"
            : null;
    }

    /// <summary>Why the weight cannot be stored in int8, whatever becomes of the activations.</summary>
    static string? WhyNotWeight(Graph graph, Node node)
    {
        if (!node.Is("Conv", "Gemm", "MatMul", "Gather"))
            return $"ONNX Runtime has no int8 kernel for {node.OpType}";
        var input = node.Is("Gather") ? 0 : 1;
        if (graph.Initializer(node.Input(input)) is not { } weight)
            return LayerCatalog.Constant(graph, node.Input(input)) is null ? "its weight is on the left side" : "it is quantized already";
        if (weight.Count == 0)
            return "its weight is empty";
        if (weight.Type != DataType.Float)
            return weight.Type == DataType.Int8 ? "it is quantized already" : $"its weight is {weight.Type.ToString().ToLowerInvariant()}, not float32";
        if (node.Is("MatMul") && weight.Shape.Length != 2)
            return "its weight is a batch of matrices";
        var isFinite = !weight.Floats().ContainsAnyExceptInRange(float.MinValue, float.MaxValue);
        weight.Release();
        return isFinite ? null : "its weight holds values that are not finite";
    }

    /// <summary>The tensor whose values a tensor holds, moved or not.</summary>
    static string Origin(Graph graph, string tensor)
    {
        while (graph.Producer(tensor) is { } producer && QuantizerPlacement.MovesData(producer))
            tensor = producer.Input(0);
        return tensor;
    }

    static int OutputAxis(Node node) => node.Is("Conv") || (node.Is("Gemm") && node.Int("transB") != 0) ? 0 : 1;

    static ReadOnlySpan<float> BiasOf(Graph graph, Node node) => node.Input(2).Length == 0 ? [] : graph.Initializer(node.Input(2))!.Floats();

    static string OriginalName(ModelPlan plan, Layer layer) => plan.Of(layer.Node)!.Layer.Name;
}
