using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Quantization;
using Compress.Techniques;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Quantization;

/// <summary>Quantizes a model with repair and keeps what it says.</summary>
sealed class Repairing
{
    public static readonly ArrayDataSet Data = new("x", new GraphBuilder(seed: 5).Normal(64 * 192), [3, 8, 8]);

    public List<RepairGain> Gains { get; } = [];

    public DiagnosticBag Diagnostics { get; } = [];

    public static QuantizeSettings Only(RepairSteps steps, double error = 0.001) => new(RepairAbove: error, TargetCpu: TargetCpu.Vnni, Repair: steps, IsRepairNamed: true);

    public static CompressionContext Context(Model model) => new(model.Clone(), Data.Read(0, 1), Data) { Threads = 1 };

    public IReadOnlyList<LayerChange> Quantize(Model model, QuantizeSettings settings)
    {
        var plan = new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None)
            .Select(layer => new LayerPlan(layer, Quantize: new Planned<QuantizeSettings>(settings, new SourcePosition("compress.yaml", 3, 5), false)))]);
        return new IntegerQuantization().Apply(model, plan, Context(model) with { Repairs = Gains, Diagnostics = Diagnostics });
    }

    /// <summary>How far a model is off on data that calibration did not see.</summary>
    public static double UnseenError(Model original, Model quantized)
    {
        var batch = new ArrayDataSet("x", new GraphBuilder(seed: 6).Normal(64 * 192), [3, 8, 8]).Read(0, 64);
        return Ort.RelativeDifference(Ort.Run(original, batch), Ort.Run(quantized, batch));
    }
}
