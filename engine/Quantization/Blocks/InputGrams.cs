using Compress.Execution;
using Compress.Models;
using Compress.Numerics;
using Compress.Techniques;

namespace Compress.Quantization.Blocks;

/// <summary>The second moments XᵀX of what dense layers read, over the rows of calibration samples; layers that read one tensor share them.</summary>
static class InputGrams
{
    /// <summary>With more inputs, XᵀX would take over half a gigabyte.</summary>
    public const int MostInputs = 1 << 13;

    /// <summary>With so many rows the moments are settled.</summary>
    const int MostRows = 1 << 13;

    /// <summary>256 MB of double.</summary>
    const long MostNumbers = 1 << 25;

    /// <summary>Measures tensors, as many in one pass over the data as fit a fixed amount of memory, and hands on the moments of each.</summary>
    /// <param name="model">The float model.</param>
    /// <param name="inputs">Tensors with K numbers along their last axis, and K.</param>
    /// <param name="context">Names the data, of which there must be some.</param>
    /// <param name="step">The step's name for progress.</param>
    /// <param name="use">Told the tensor and K x K moments.</param>
    public static void Measure(Model model, IReadOnlyDictionary<string, int> inputs, CompressionContext context, string step, Action<string, Matrix> use)
    {
        var open = new Queue<(string Tensor, int Size)>(inputs.Select(entry => (entry.Key, entry.Value)));
        while (open.Count > 0)
        {
            var pass = new Dictionary<string, int>();
            var numbers = 0L;
            while (open.TryPeek(out var next) && (pass.Count == 0 || numbers + ((long)next.Size * next.Size) <= MostNumbers))
            {
                pass.Add(next.Tensor, next.Size);
                numbers += (long)next.Size * next.Size;
                open.Dequeue();
            }

            foreach (var (tensor, moments) in MeasurePass(model, pass, context, step))
                use(tensor, moments);
        }
    }

    static Dictionary<string, Matrix> MeasurePass(Model model, Dictionary<string, int> inputs, CompressionContext context, string step)
    {
        var data = context.Calibration!;
        var moments = inputs.ToDictionary(entry => entry.Key, entry => new Matrix(entry.Value, entry.Value));
        var rows = inputs.ToDictionary(entry => entry.Key, _ => 0);
        using var session = TensorTap.Open(model, inputs.Keys, context.Threads);
        var size = context.BatchFor(session, model, inputs.Keys);
        foreach (var (start, count) in SampleBatches.All(data.Count, size))
        {
            if (rows.Values.All(row => row >= MostRows))
                break;
            context.Report(step, (double)start / data.Count);
            using var result = session.Run(data.Read(start, count), context.Cancellation);
            foreach (var (tensor, width) in inputs)
            {
                var values = result.Floats(tensor);
                var height = Math.Min(values.Length / width, MostRows - rows[tensor]);
                if (height <= 0)
                    continue;
                rows[tensor] += height;
                moments[tensor].Add(MatrixProduct.Gram(Matrix.Of(values[..(height * width)], height, width).Transposed()));
            }
        }

        return moments;
    }
}
