using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Quantization;

/// <summary>Static int8 quantization: int8 weights, activations quantized at ranges measured on calibration data.</summary>
public sealed class Int8Quantization : ITechnique
{
    /// <summary>The first opset whose DequantizeLinear takes a scale for each channel.</summary>
    public const int LeastOpset = 13;

    public string Kind => "quantize";

    public bool IsAsked(ModelPlan plan) => plan.Layers.Any(layer => layer.Quantize is not null);

    public int NeededOpset(ModelPlan plan) => LeastOpset;

    public IEnumerable<Diagnostic> Foresee(Model model, ModelPlan plan, bool hasCalibration)
    {
        var position = plan.Layers.First(layer => layer.Quantize is not null).Quantize!.Position;
        if (!hasCalibration)
            yield return Codes.DataNeeded.At(position, "'quantize: int8' needs calibration data; name some under 'data: calibration'");
    }

    public IEnumerable<Layer> Treatable(Model model, IReadOnlyList<Layer> layers, TensorShapes shapes) =>
        layers.Where(layer => WhyNot(model.Graph, layer.Node) is null);

    public IReadOnlyList<LayerChange> Apply(Model model, ModelPlan plan, CompressionContext context)
    {
        if (model.Opset < LeastOpset)
            throw new ArgumentException($"the model's opset is {model.Opset}; quantize needs {LeastOpset}", nameof(model));
        if (Foresee(model, plan, context.Calibration is not null).ToArray() is { Length: > 0 } obstacles)
            throw new CompressException(obstacles);

        var changes = new List<LayerChange>();
        var before = LayerCatalog.List(model.Graph, context.MeasureShapes(model));
        var layers = new Dictionary<Node, Planned<QuantizeSettings>>();
        foreach (var layer in before)
        {
            if (plan.Of(layer.Node)?.Quantize is not { } asked)
                continue;
            if (WhyNot(model.Graph, layer.Node) is not { } reason)
                layers.Add(layer.Node, asked);
            else if (asked.ByName)
                throw Codes.CannotApply.Fail(asked.Position, $"cannot quantize {layer}: {reason}");
            else
                changes.Add(new LayerChange(OriginalName(plan, layer), layer.Op, Kind, asked.Settings.ToString(), Skipped: reason));
        }

        if (layers.Count == 0)
            return changes;
        var reference = model.Clone();
        var outputs = Quantize(model, layers, context);
        var errors = OutputErrors.Measure(reference, model, outputs, context, Kind);
        var after = LayerCatalog.List(model.Graph, context.MeasureShapes(model)).ToDictionary(layer => layer.Node);
        foreach (var group in before.Where(layer => layers.ContainsKey(layer.Node)).GroupBy(layer => OriginalName(plan, layer)))
        {
            changes.Add(new LayerChange(group.Key, plan.Of(group.First().Node)!.Layer.Op, Kind, layers[group.First().Node].Settings.ToString(),
                LayerStates.Of([.. group]), LayerStates.Of([.. group.Select(layer => after[layer.Node])]),
                errors.TryGetValue(group.Last().Node, out var error) ? error : null));
        }

        return changes;
    }

    /// <summary>Quantizes the graph in place.</summary>
    /// <returns>For each layer, the tensor that holds its output in the float model and the one that holds it now.</returns>
    static Dictionary<Node, (string Before, string After)> Quantize(
        Model model, Dictionary<Node, Planned<QuantizeSettings>> layers, CompressionContext context)
    {
        var graph = model.Graph;
        var symmetric = layers.Values.Any(asked => asked.Settings.Symmetric);
        var placement = new QuantizerPlacement(graph, layers.Keys.ToHashSet(), foldActivations: !symmetric);
        var tensors = placement.Tensors;
        var observers = new Dictionary<string, IRangeObserver>();
        foreach (var tensor in tensors.Where(placement.IsSource))
        {
            var owner = placement.ScaleOwner(tensor);
            var shared = observers.FirstOrDefault(entry => placement.ScaleOwner(entry.Key) == owner).Value;
            observers.Add(tensor, shared ?? IRangeObserver.For(SettingsFor(tensor, graph, layers)));
        }

        RangeCalibration.Run(model, observers, context, "calibrate");
        var parameters = new Dictionary<string, QuantizationParameters>();
        foreach (var (tensor, observer) in observers)
        {
            parameters[placement.ScaleOwner(tensor)] = symmetric
                ? QuantizationParameters.Symmetric(observer.Range.Low, observer.Range.High)
                : QuantizationParameters.Asymmetric(observer.Range.Low, observer.Range.High);
        }

        var inFloat = LayerCatalog.List(graph, TensorShapes.None).Where(layer => !layers.ContainsKey(layer.Node) && graph.Initializer(layer.Weight.Name) is not null)
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

    static string? WhyNot(Graph graph, Node node)
    {
        if (!node.Is("Conv", "Gemm", "MatMul"))
            return $"ONNX Runtime has no int8 kernel for {node.OpType}";
        if (graph.Initializer(node.Input(1)) is not { } weight)
            return LayerCatalog.Constant(graph, node.Input(1)) is null ? "its weight is on the left side" : "it is quantized already";
        if (weight.Type != DataType.Float)
            return $"its weight is {weight.Type.ToString().ToLowerInvariant()}, not float32";
        if (node.Is("MatMul") && weight.Shape.Length != 2)
            return "its weight is a batch of matrices";
        if (node.Is("Gemm") && (node.Float("alpha", 1) != 1 || node.Float("beta", 1) != 1 || node.Int("transA") != 0))
            return "int8 kernels take no alpha, beta or transposed input";
        if (node.Input(2).Length > 0 && (graph.Initializer(node.Input(2)) is not { Type: DataType.Float } bias || bias.Count != weight.Shape[OutputAxis(node)]))
            return "its bias is not one constant for each output channel";
        return weight.Floats().ContainsAnyExceptInRange(float.MinValue, float.MaxValue) ? "its weight holds values that are not finite" : null;
    }

    static int OutputAxis(Node node) => node.Is("Conv") || (node.Is("Gemm") && node.Int("transB") != 0) ? 0 : 1;

    static ReadOnlySpan<float> BiasOf(Graph graph, Node node) => node.Input(2).Length == 0 ? [] : graph.Initializer(node.Input(2))!.Floats();

    static string OriginalName(ModelPlan plan, Layer layer) => plan.Of(layer.Node)!.Layer.Name;
}
