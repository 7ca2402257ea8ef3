using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Rewriting.Opsets;
using Compress.Techniques;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Quantization.HalfPrecision;

/// <summary>
/// Floating-point numbers of 16 bits: fp16 for layers and the arithmetic between them or for weights alone, bf16 for weights alone, since
/// ONNX Runtime computes next to nothing in bf16 on a CPU.
/// </summary>
public sealed class HalfQuantization : ITechnique
{
    public string Kind => "quantize";

    public bool IsAsked(ModelPlan plan) => plan.Layers.Any(layer => Asked(layer) is not null);

    /// <summary>The opset from which on Cast knows bf16, and for whose operators it is known which take fp16.</summary>
    public int NeededOpset(ModelPlan plan) => HalfOperators.LeastOpset;

    public IEnumerable<Diagnostic> Foresee(Model model, ModelPlan plan, bool hasCalibration)
    {
        if (!hasCalibration && plan.Layers.Select(Asked).FirstOrDefault(asked => asked is { Settings: { As: QuantizationType.Float16, Activations: true } }) is { } needy)
            yield return Codes.RangesUnknown.At(needy.Position, "fp16 ends at 65504, and without calibration data no activation is measured; name some under 'data: calibration', or store weights alone with 'activations: none'");
    }

    public IEnumerable<Layer> Treatable(Model model, IReadOnlyList<Layer> layers, TensorShapes shapes) =>
        layers.Where(layer => Obstacle(layer, DataType.Float16) is null);

    public IReadOnlyList<LayerChange> Apply(Model model, ModelPlan plan, CompressionContext context)
    {
        if (model.Opset < NeededOpset(plan))
            throw new ArgumentException($"the model's opset is {model.Opset}; quantize needs {NeededOpset(plan)}", nameof(model));
        var changes = new List<LayerChange>();
        var before = LayerCatalog.List(model.Graph, context.MeasureShapes(model));
        var forms = AskedLayers.Find(before, plan, Asked, (layer, settings) => Obstacle(layer, TypeOf(settings)), changes)
            .ConvertAll(entry => new LayerForm(entry.Layer, plan.Of(entry.Layer.Node)!.Layer.Name, entry.Asked.Settings));
        if (forms.Count == 0)
            return changes;
        Convert(model, before, forms, context);
        var after = LayerCatalog.List(model.Graph, context.MeasureShapes(model)).ToDictionary(layer => layer.Node);
        changes.AddRange(forms.GroupBy(form => form.Name).Select(group => new LayerChange(group.Key, group.First().Layer.Op, Kind, group.First().Text,
            LayerStates.Of([.. group.Select(form => form.Layer)]), LayerStates.Of([.. group.Select(form => after[form.Layer.Node])]), group.Max(form => form.Error))));
        return changes;
    }

    static Planned<QuantizeSettings>? Asked(LayerPlan plan) =>
        plan.Quantize is { Settings.As: QuantizationType.Float16 or QuantizationType.BFloat16 } asked ? asked : null;

    static DataType TypeOf(QuantizeSettings settings) => settings.As == QuantizationType.Float16 ? DataType.Float16 : DataType.Bfloat16;

    /// <summary>Brings the layers into their forms, in place.</summary>
    void Convert(Model model, IReadOnlyList<Layer> layers, List<LayerForm> forms, CompressionContext context)
    {
        var constants = new HalfConstants();
        var computing = forms.Where(form => form.Settings is { As: QuantizationType.Float16, Activations: true }).ToList();
        foreach (var form in computing.Where(form => form.Layer.Within is not null))
            form.Note = $"it stands in a body of {form.Layer.Within}, which stays in float32";
        foreach (var form in computing.Where(form => form.Note is null && form.Layer.Recurrence is not null))
            form.Note = "its state would gather errors from step to step, and stays in float32";
        computing.RemoveAll(form => form.Note is not null);
        if (computing.Count > 0)
            Compute(model, layers, computing, constants, context);
        foreach (var form in forms.Where(form => !form.InHalf))
            form.Roundings = [.. form.Layer.WeightInputs.Select(input => constants.StoreWeight(form.Layer.Graph, form.Layer.Node, input, TypeOf(form.Settings)))];

        model.Graph.RemoveDead();
    }

    /// <summary>Lets layers, and what stands between them, compute in fp16 where it holds their numbers.</summary>
    void Compute(Model model, IReadOnlyList<Layer> layers, List<LayerForm> forms, HalfConstants constants, CompressionContext context)
    {
        var (graph, facts) = (model.Graph, new TensorFacts(model));
        var nodes = layers.Where(layer => layer.Within is null).Select(layer => layer.Node).ToHashSet();
        var hazards = new HalfHazards(graph, IsFloat, nodes.Contains, HalfRanges.Measure(model, IsFloat, context, Kind));
        foreach (var form in forms)
        {
            var bias = form.Layer.Bias is { } constant && graph.Initializer(constant.Name) is not null ? HalfRounding.Obstacle(constant, DataType.Float16) : null;
            form.Note = hazards.Of(form.Layer.Node) ?? bias ?? (IsFloat(form.Layer.Node.Output()) ? null : "ONNX Runtime does not tell the type of its output");
            if (form.Note is not null)
                continue;
            form.InHalf = true;
            form.Roundings = [constants.Store(graph, form.Layer.Weight.Name, DataType.Float16)];
        }

        var region = new HalfRegion(graph, IsFloat, forms.Where(form => form.InHalf).Select(form => form.Layer.Node).ToHashSet(), nodes.Contains, hazards);
        new HalfInsertion(graph, IsFloat, facts.TypeOf, region, constants).Apply();

        bool IsFloat(string tensor) => facts.TypeOf(tensor) == DataType.Float;
    }

    /// <summary>Why the weight of a layer cannot be stored in 16 bits; null where it can.</summary>
    static string? Obstacle(Layer layer, DataType type) =>
        layer.WeightInputs.Select(input => Obstacle(layer.Graph, layer.Node.Input(input), type)).FirstOrDefault(reason => reason is not null);

    static string? Obstacle(Graph graph, string name, DataType type)
    {
        if (graph.Initializer(name) is not { } weight)
            return "it is quantized already";
        if (weight.Type != DataType.Float)
            return $"its weight is {LayerStates.NameOf(weight.Type)}, not float32";
        var obstacle = HalfRounding.Obstacle(weight, type);
        weight.Release();
        return obstacle;
    }

    /// <summary>What becomes of a layer.</summary>
    /// <param name="layer">The layer as it was.</param>
    /// <param name="name">Its name in the original model.</param>
    /// <param name="settings">What is asked.</param>
    sealed class LayerForm(Layer layer, string name, QuantizeSettings settings)
    {
        /// <summary>A smaller share of weights that become 0 goes without saying.</summary>
        const double LeastVanished = 0.001;

        public Layer Layer => layer;

        public string Name => name;

        public QuantizeSettings Settings => settings;

        /// <summary>Whether it computes in fp16.</summary>
        public bool InHalf { get; set; }

        /// <summary>Why it is not what was asked.</summary>
        public string? Note { get; set; }

        /// <summary>Its weights in 16 bits.</summary>
        public IReadOnlyList<HalfRounding> Roundings { get; set; } = [];

        /// <summary>The relative error of the weight that lost most.</summary>
        public double Error => Roundings.Max(rounding => rounding.Error);

        /// <summary>The settings that hold, with what is to be said about them.</summary>
        public string Text
        {
            get
            {
                var share = Roundings.Max(rounding => rounding.Vanished);
                var vanished = share >= LeastVanished ? $"{share:0.0%} of its weights are too small and became 0" : null;
                string[] notes = [.. new[] { Note, vanished }.OfType<string>()];
                return (settings with { Activations = InHalf }) + (notes.Length > 0 ? $" ({string.Join("; ", notes)})" : "");
            }
        }
    }
}
