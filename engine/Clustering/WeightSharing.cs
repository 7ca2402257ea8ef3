using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Clustering;

/// <summary>
/// Weight sharing (Han, Mao and Dally, Deep Compression, ICLR 2016): the weights of a layer take a few values, and the file holds these and an
/// index for each weight, in 1, 2, 4 or 8 bits. ONNX Runtime looks the values up once, on loading, so that speed does not change.
/// </summary>
public sealed class WeightSharing : ITechnique
{
    /// <summary>Indices are cast to what Gather takes.</summary>
    const DataType IndexType = DataType.Int32;

    public string Kind => "cluster";

    public bool IsAsked(ModelPlan plan) => plan.Layers.Any(layer => layer.Cluster is not null);

    public int NeededOpset(ModelPlan plan) => PackedWriter.LeastOpset;

    public IEnumerable<Layer> Treatable(Model model, IReadOnlyList<Layer> layers, TensorShapes shapes) => layers.Where(layer => Refuse(layer) is null);

    /// <inheritdoc/>
    public IEnumerable<Diagnostic> Foresee(Model model, ModelPlan plan, bool hasCalibration) => plan.Layers
        .Where(layer => layer is { Cluster: not null, Quantize: not null })
        .Select(layer => Codes.CannotApply.At(layer.Cluster!.Position,
            $"'cluster' and 'quantize' both store the weights of {layer.Layer}; write 'quantize: none' or 'cluster: none' for it"))
        .DistinctBy(diagnostic => diagnostic.Position);

    /// <inheritdoc/>
    /// <exception cref="CompressException">CMP4001 or CMP4004: a layer matched by name cannot be treated.</exception>
    public IReadOnlyList<LayerChange> Apply(Model model, ModelPlan plan, CompressionContext context)
    {
        if (Foresee(model, plan, hasCalibration: false).ToArray() is { Length: > 0 } conflicts)
            throw new CompressException(conflicts);
        var changes = new List<LayerChange>();
        var errors = new DiagnosticBag();
        var before = context.Calibration is null ? null : model.Clone();
        var outputs = new Dictionary<string, (string Before, string After)>();
        var shared = new Dictionary<(string, ClusterSettings), (string Tensor, Codebook Codebook)>();
        var packed = new PackedWriter();
        var asked = LayerCatalog.List(model.Graph, context.MeasureShapes(model)).Where(layer => plan.Of(layer.Node)?.Cluster is not null).ToList();
        foreach (var (done, layer) in asked.Index())
        {
            context.Report(Kind, (double)done / asked.Count);
            var own = plan.Of(layer.Node)!;
            var (settings, position, byName) = (own.Cluster!.Settings, own.Cluster.Position, own.Cluster.ByName);
            if (Refuse(layer) is { } refusal)
            {
                if (byName)
                    errors.Add(refusal.Kind.At(position, $"cannot cluster {layer}: {refusal.Reason}"));
                changes.Add(new LayerChange(own.Layer.Name, layer.Op, Kind, settings.ToString(), Skipped: refusal.Reason));
                continue;
            }

            var name = layer.Node.Input(layer.WeightInput);
            if (!shared.TryGetValue((name, settings), out var landed))
            {
                var codebook = Codebook.Of(model.Graph.Initializer(name)!, AxisOf(layer), settings, context.Seed);
                shared.Add((name, settings), landed = (Land(model.Graph, layer, codebook, packed), codebook));
            }

            model.Graph.SetInput(layer.Node, layer.WeightInput, landed.Tensor);
            outputs[own.Layer.Name] = (layer.Node.Output(), layer.Node.Output());
            var found = landed.Codebook.Values.Length;
            var bytes = (((long)landed.Codebook.Indices.Length * PackedWriter.BitsFor(found)) + 7) / 8 + (sizeof(float) * (long)found) + (layer.Bias?.Bytes ?? 0);
            changes.Add(new LayerChange(own.Layer.Name, layer.Op, Kind, found == settings.Centroids * settings.Groups ? settings.ToString() : $"{settings} -> {found}",
                LayerStates.Of(layer), LayerStates.Of(layer) with { Form = $"{string.Join('x', layer.Weight.Shape)} of {found} values", Bytes = bytes },
                landed.Codebook.RelativeError));
        }

        errors.ThrowIfErrors();
        model.Graph.RemoveDead();
        context.Report(Kind, 1);
        var joined = changes.GroupBy(change => (change.Layer, change.Skipped)).Select(Join).ToList();
        if (before is null)
            return joined;
        var measured = OutputErrors.Measure(before, model, outputs, context, Kind);
        return [.. joined.Select(change => change.Skipped is null && measured.TryGetValue(change.Layer, out var error) ? change with { Error = error } : change)];
    }

    /// <summary>The factors of one layer as one change.</summary>
    static LayerChange Join(IEnumerable<LayerChange> parts)
    {
        var all = parts.ToList();
        return all.Count == 1 || all[0].Before is null ? all[0] : all[0] with
        {
            Before = Sum(all.Select(part => part.Before!)),
            After = Sum(all.Select(part => part.After!)),
            Error = all.Max(part => part.Error),
        };

        static LayerState Sum(IEnumerable<LayerState> states) => states.Aggregate((one, other) => new LayerState(
            $"{one.Form} + {other.Form}", one.Parameters + other.Parameters, one.Macs + other.Macs, one.Bytes + other.Bytes));
    }

    static int AxisOf(Layer layer) => layer.WeightInput == 1 ? LayerCatalog.OutputAxis(layer.Node) : 0;

    static Refusal? Refuse(Layer layer)
    {
        if (layer.Within is { } owner)
            return Refusal.CannotApply($"it stands in a body of {owner}, where ONNX Runtime would look values up in every run");
        if (layer.Recurrence is not null)
            return Refusal.CannotApply($"an {layer.Op} has two weights, and its own kernel reads them");
        if (layer.Graph.Initializer(layer.Node.Input(layer.WeightInput)) is not { Type: DataType.Float } weight)
            return Refusal.CannotApply($"its weight is {LayerStates.NameOf(layer.Weight.Type)}; only float32 is clustered");
        if (weight.Count == 0)
            return Refusal.CannotApply("its weight is empty");
        return weight.Floats().ContainsAnyExceptInRange(float.MinValue, float.MaxValue) ? Refusal.NotFinite("its weight holds values that are not finite") : null;
    }

    /// <summary>Indices, a Cast, and a Gather of the values, in front of the layer.</summary>
    static string Land(Graph graph, Layer layer, Codebook codebook, PackedWriter packed)
    {
        var name = layer.Node.Input(layer.WeightInput);
        var values = graph.Add(Tensor.Of<float>(graph.Fresh(name + "_values"), codebook.Values, codebook.Values.Length));
        var shared = graph.Fresh(name + "_shared");
        var gather = Node.Create("Gather", graph.Fresh(name + "/Gather"), [values, ""], [shared]).With("axis", 0);
        graph.InsertFirst(gather);
        if (PackedWriter.BitsFor(codebook.Values.Length) is < 8 and var bits)
        {
            graph.SetInput(gather, 1, packed.Write(graph, gather, name, codebook.Indices, layer.Weight.Shape, bits, IndexType));
            return shared;
        }

        var indices = graph.Add(Tensor.Of<byte>(graph.Fresh(name + "_indices"), codebook.Indices, layer.Weight.Shape));
        var cast = Node.Create("Cast", graph.Fresh(name + "/Cast"), [indices], [graph.Fresh(name + "_places")]).With("to", (long)IndexType);
        graph.InsertBefore(gather, cast);
        graph.SetInput(gather, 1, cast.Output());
        return shared;
    }
}
