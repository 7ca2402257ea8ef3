using Compress.Data;
using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Onnx;
using Compress.Techniques;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Pruning.Forms;

/// <summary>Chooses the fastest of several graphs that compute the same: each, as a model of one layer, takes turns with the first in ONNX Runtime.</summary>
static class LandingRace
{
    /// <summary>Of outputs, relative to the greatest one.</summary>
    const double Tolerance = 1e-5;

    /// <summary>A candidate must be faster by this much, so that noise does not decide.</summary>
    const double Margin = 0.95;

    static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(300);

    /// <returns>The fastest candidate, and how it compares with the first one.</returns>
    public static (ILanding Landing, string How) Run(
        Model model, Layer layer, Tensor weight, IEnumerable<ILanding> candidates, CompressionContext context)
    {
        var landings = candidates.ToList();
        if (landings.Count == 1)
            return (landings[0], "the only way");
        if (layer.InputShape is not { } shape || layer.Graph.Initializer(layer.Node.Input(2)) is null && layer.Node.Input(2).Length > 0)
            return (landings[0], "not timed, since its sizes or its bias are not known");
        var sample = new Dictionary<string, DataTensor> { ["x"] = Noise(shape, context.Seed) };
        using var first = Open(landings[0]);
        var expected = Output(first);
        var (best, ratio) = (landings[0], 1.0);
        foreach (var landing in landings.Skip(1))
        {
            using var session = Open(landing);
            if (!IsClose(expected, Output(session)))
                continue;
            var measured = LatencyMeter.Ratio(first, session, sample, Budget, context.Cancellation).Ratio;
            if (measured < ratio * Margin)
                (best, ratio) = (landing, measured);
        }

        return (best, best == landings[0] ? $"the fastest of {landings.Count}" : FormattableString.Invariant($"{ratio:0.00} of a masked kernel's time"));

        Session Open(ILanding landing)
        {
            var (one, conv) = OneLayer(model, layer, weight, shape);
            landing.Land(one.Graph, conv, weight);
            one.Graph.RemoveDead();
            return Session.Open(one, new SessionSettings(context.Threads));
        }

        float[] Output(Session session)
        {
            using var result = session.Run(sample, context.Cancellation);
            return result.Floats(session.OutputNames[0]).ToArray();
        }
    }

    static (Model Model, Node Conv) OneLayer(Model model, Layer layer, Tensor weight, int[] inputShape)
    {
        var bias = layer.Graph.Initializer(layer.Node.Input(2));
        var proto = new ModelProto { IrVersion = Math.Max(4, model.IrVersion), Graph = new GraphProto { Name = "layer" } };
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = model.Opset });
        var input = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = new TensorShapeProto() };
        input.Shape.Dim.AddRange(inputShape.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
        proto.Graph.Input.Add(new ValueInfoProto { Name = "x", Type = new TypeProto { TensorType = input } });
        proto.Graph.Output.Add(new ValueInfoProto { Name = "y", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } } });
        proto.Graph.Initializer.Add(weight.Renamed("w").Proto);
        if (bias is not null)
            proto.Graph.Initializer.Add(bias.Renamed("b").Proto);
        proto.Graph.Node.Add(Node.Create("Conv", "conv", ["x", "w", .. bias is null ? Array.Empty<string>() : ["b"]], ["y"]).WithAttributesOf(layer.Node).Proto);
        var one = Model.Of(proto);
        return (one, one.Graph.Nodes[0]);
    }

    static DataTensor Noise(int[] shape, int seed)
    {
        var random = new Random(seed);
        var values = new float[Cost.Product(shape)];
        for (var i = 0; i < values.Length; i++)
            values[i] = (2 * random.NextSingle()) - 1;
        return DataTensor.Of(values, shape);
    }

    static bool IsClose(float[] expected, float[] actual)
    {
        if (expected.Length != actual.Length)
            return false;
        double difference = 0, greatest = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            difference = Math.Max(difference, Math.Abs((double)expected[i] - actual[i]));
            greatest = Math.Max(greatest, Math.Abs((double)expected[i]));
        }

        return difference <= Tolerance * greatest;
    }
}
