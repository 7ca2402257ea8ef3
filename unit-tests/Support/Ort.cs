using Compress.Data;
using Compress.Execution;
using Compress.Models;

namespace Compress.UnitTests.Support;

/// <summary>Runs models in ONNX Runtime, the judge of most tests.</summary>
static class Ort
{
    /// <summary>The numbers of a float output (the first one unless named) for the given inputs.</summary>
    public static float[] Run(Model model, IReadOnlyDictionary<string, DataTensor> inputs, string? output = null, bool optimize = true)
    {
        using var session = Session.Open(model, new SessionSettings(1, optimize));
        using var result = session.Run(inputs);
        return result.Floats(output ?? session.OutputNames[0]).ToArray();
    }

    public static float[] Run(Model model, string input, float[] values, params int[] shape) =>
        Run(model, new Dictionary<string, DataTensor> { [input] = DataTensor.Of(values, shape) });

    /// <summary>The greatest difference, relative to the greatest absolute value of the expected numbers.</summary>
    public static double RelativeDifference(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = 0, greatest = 1e-30;
        for (var i = 0; i < expected.Length; i++)
        {
            difference = Math.Max(difference, Math.Abs((double)expected[i] - actual[i]));
            greatest = Math.Max(greatest, Math.Abs((double)expected[i]));
        }

        return difference / greatest;
    }
}
