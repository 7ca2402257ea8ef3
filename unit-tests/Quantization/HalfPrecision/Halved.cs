using Compress.Data;
using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Quantization.HalfPrecision;
using Compress.Techniques;
using Compress.UnitTests.Support;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.UnitTests.Quantization.HalfPrecision;

/// <summary>Brings models to 16 bits as a policy would, and looks at what came out.</summary>
static class Halved
{
    public static readonly QuantizeSettings Fp16 = new(As: QuantizationType.Float16);
    public static readonly QuantizeSettings Fp16Weights = new(As: QuantizationType.Float16, Activations: false);
    public static readonly QuantizeSettings Bf16 = new(As: QuantizationType.BFloat16);

    /// <summary>Quantizes the layers in place.</summary>
    /// <param name="model">The model.</param>
    /// <param name="settings">What is asked.</param>
    /// <param name="asked">Which layers, by name; all where null.</param>
    /// <param name="data">Calibration data.</param>
    /// <param name="byName">Whether rules name the layers.</param>
    public static IReadOnlyList<LayerChange> Apply(Model model, QuantizeSettings settings, Func<string, bool>? asked = null, DataSet? data = null, bool byName = false)
    {
        var plan = new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None).Select(layer => new LayerPlan(layer,
            Quantize: asked is null || asked(layer.Name) ? new Planned<QuantizeSettings>(settings, new SourcePosition("compress.yaml", 3, 5), byName) : null))]);
        return new HalfQuantization().Apply(model, plan, new CompressionContext(model.Clone(), data?.Read(0, 1), data));
    }

    /// <summary>The Casts between float32 and 16 bits.</summary>
    public static Node[] Casts(Model model) => [.. model.Graph.Nodes.Where(node => node.Is("Cast") && (DataType)node.Int("to") is DataType.Float or DataType.Float16 && node.Name.Contains("/Cast", StringComparison.Ordinal))];

    /// <summary>Checks what holds for every result: each node stands behind what it reads, and no Cast reads what a Cast to or from 16 bits made.</summary>
    public static void Check(Model model)
    {
        var made = model.Graph.Inputs.Select(input => input.Name).Concat(model.Graph.Initializers.Select(tensor => tensor.Name)).ToHashSet();
        foreach (var node in model.Graph.Nodes)
        {
            Assert.All(node.Inputs.Where(input => input.Length > 0), input => Assert.Contains(input, made));
            made.UnionWith(node.Outputs);
        }

        Assert.All(Casts(model), cast => Assert.DoesNotContain(model.Graph.Producer(cast.Input(0)), Casts(model)));
        Assert.Equal(Casts(model).Length, Casts(model).Select(cast => (cast.Input(0), cast.Int("to"))).Distinct().Count());
        Assert.All(model.Graph.Inputs.Concat(model.Graph.Outputs), value => Assert.NotEqual((int)DataType.Float16, value.Type.TensorType.ElemType));
    }

    /// <summary>The types of a model's constants with at least two dimensions.</summary>
    public static DataType[] WeightTypes(Model model) => [.. model.Graph.Initializers.Where(tensor => tensor.Shape.Length >= 2).Select(tensor => tensor.Type).Distinct()];

    /// <summary>The difference of two models' outputs in stock ONNX Runtime, optimized and not; the greater of both.</summary>
    public static double Difference(Model one, Model other, IReadOnlyDictionary<string, DataTensor> sample)
    {
        var expected = Ort.Run(one, sample);
        return new[] { true, false }.Max(optimize => Ort.RelativeDifference(expected, Ort.Run(other, sample, optimize: optimize)));
    }
}
