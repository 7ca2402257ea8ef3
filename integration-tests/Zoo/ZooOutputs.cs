using Compress.IntegrationTests.Support;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Compress.IntegrationTests.Zoo;

/// <summary>What stock ONNX Runtime gives for samples.</summary>
static class ZooOutputs
{
    /// <summary>The float outputs of each sample by name.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, float[]>> Of(string model, IEnumerable<IReadOnlyDictionary<string, Array>> samples)
    {
        using var options = new SessionOptions();
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        using var session = new InferenceSession(model, options);
        return [.. samples.Select(sample => Run(session, sample))];
    }

    /// <summary>The greatest difference over all outputs of all samples, relative to the greatest value of the output.</summary>
    public static double Difference(IReadOnlyList<IReadOnlyDictionary<string, float[]>> expected, IReadOnlyList<IReadOnlyDictionary<string, float[]>> found) =>
        expected.Zip(found).Max(pair => pair.First.Max(output =>
            output.Value.Zip(pair.Second[output.Key], (one, other) => Math.Abs((double)one - other)).Max() / output.Value.Max(value => Math.Abs((double)value))));

    /// <summary>The mean over samples of the cosine between the outputs.</summary>
    public static double Cosine(IReadOnlyList<IReadOnlyDictionary<string, float[]>> expected, IReadOnlyList<IReadOnlyDictionary<string, float[]>> found, string output) =>
        expected.Zip(found).Average(pair =>
        {
            var (x, y) = (pair.First[output], pair.Second[output]);
            double xy = 0, xx = 0, yy = 0;
            for (var i = 0; i < x.Length; i++)
                (xy, xx, yy) = (xy + ((double)x[i] * y[i]), xx + ((double)x[i] * x[i]), yy + ((double)y[i] * y[i]));
            return xy / Math.Sqrt(xx * yy);
        });

    static Dictionary<string, float[]> Run(InferenceSession session, IReadOnlyDictionary<string, Array> sample)
    {
        using var runOptions = new RunOptions();
        var inputs = sample.ToDictionary(input => input.Key, input => ToOrtValue(input.Value));
        try
        {
            using var outputs = session.Run(runOptions, inputs, session.OutputNames);
            return session.OutputNames.Zip(outputs).Where(pair => pair.Second.GetTensorTypeAndShape().ElementDataType == TensorElementType.Float)
                .ToDictionary(pair => pair.First, pair => pair.Second.GetTensorDataAsSpan<float>().ToArray());
        }
        finally
        {
            foreach (var value in inputs.Values)
                value.Dispose();
        }
    }

    static OrtValue ToOrtValue(Array array)
    {
        long[] shape = array.Rank == 1 ? [] : [.. NpzFile.Shape(array).Select(size => (long)size)];
        var type = array is long[] or long[,]? TensorElementType.Int64 : TensorElementType.Float;
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, shape);
        NpzFile.Bytes(array).CopyTo(value.GetTensorMutableRawData());
        return value;
    }
}
