using Compress.Data;
using Compress.Execution;
using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Techniques;

/// <summary>What a model gives for a few calibration samples, for comparing any number of candidates with it.</summary>
public sealed class ReferenceOutputs
{
    /// <summary>128 MB of float32.</summary>
    const long MostNumbers = 1 << 25;

    readonly List<(IReadOnlyDictionary<string, DataTensor> Sample, IReadOnlyDictionary<string, float[]> Outputs)> pairs = [];
    readonly CompressionContext context;

    ReferenceOutputs(CompressionContext context) => this.context = context;

    /// <summary>The samples that candidates may be compared on.</summary>
    public int Count => pairs.Count;

    /// <summary>The float outputs of a graph.</summary>
    public static IEnumerable<string> FloatOutputs(Graph graph) =>
        graph.Outputs.Where(output => output.Type?.TensorType?.ElemType == (int)DataType.Float).Select(output => output.Name).Distinct();

    /// <summary>Runs a model on the first calibration samples.</summary>
    /// <param name="model">The model.</param>
    /// <param name="context">Names the data; there must be some.</param>
    /// <param name="most">At most so many samples; fewer where outputs are large.</param>
    public static ReferenceOutputs Of(Model model, CompressionContext context, int most)
    {
        var reference = new ReferenceOutputs(context);
        var names = FloatOutputs(model.Graph).ToList();
        using var session = Session.Open(model, SessionSettings.Once(context.Threads));
        var numbers = 0L;
        for (var i = 0; i < Math.Min(most, context.Calibration!.Count) && numbers < MostNumbers; i++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var sample = context.Calibration.Read(i, 1);
            using var result = session.Run(sample, context.Cancellation);
            var outputs = names.ToDictionary(name => name, name => result.Floats(name).ToArray());
            numbers += outputs.Values.Sum(values => (long)values.Length);
            reference.pairs.Add((sample, outputs));
        }

        return reference;
    }

    /// <summary>The greatest relative error ‖expected − found‖ / ‖expected‖ of a candidate's outputs, each over all samples.</summary>
    /// <param name="candidate">A model with the same outputs.</param>
    /// <param name="samples">At most so many samples.</param>
    /// <param name="optimize">Whether the runtime optimizes the candidate as for an app; without, the session is ready sooner.</param>
    /// <param name="threads">Threads within an operator; null for the run's.</param>
    public double ErrorOf(Model candidate, int samples = int.MaxValue, bool optimize = true, int? threads = null)
    {
        var sums = new Dictionary<string, SquaredError>();
        using var session = Session.Open(candidate, optimize ? new SessionSettings(threads ?? context.Threads) : SessionSettings.Once(threads ?? context.Threads));
        foreach (var (sample, outputs) in pairs.Take(samples))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using var result = session.Run(sample, context.Cancellation);
            foreach (var (name, expected) in outputs)
                sums[name] = sums.GetValueOrDefault(name) + SquaredError.Of(expected, result.Floats(name));
        }

        return sums.Values.Select(sum => sum.Relative).Where(double.IsFinite).DefaultIfEmpty(0).Max();
    }
}
