using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Compress.IntegrationTests.Conformance;

/// <summary>What a model gives for a case's inputs, copied out of the runtime.</summary>
sealed class RunOutputs
{
    readonly IReadOnlyList<(string Place, string Form, byte[] Bytes, TensorElementType Type)> parts;

    RunOutputs(IReadOnlyList<(string, string, byte[], TensorElementType)> parts) => this.parts = parts;

    /// <exception cref="OnnxRuntimeException">The runtime refuses the model or the inputs.</exception>
    public static RunOutputs Of(byte[] model, IReadOnlyDictionary<string, OnnxData> inputs)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        using var session = new InferenceSession(model, options);
        using var runOptions = new RunOptions();
        var values = inputs.Where(input => session.InputNames.Contains(input.Key)).ToDictionary(input => input.Key, input => input.Value.ToOrtValue());
        try
        {
            using var outputs = session.Run(runOptions, values, session.OutputNames);
            return new RunOutputs([.. session.OutputNames.Zip(outputs).SelectMany(pair => Parts(pair.First, pair.Second))]);
        }
        finally
        {
            foreach (var value in values.Values)
                value.Dispose();
        }
    }

    /// <summary>Says how other outputs differ; null where they do not.</summary>
    /// <param name="actual">The other outputs.</param>
    /// <param name="tolerance">Relative to the greatest expected number; 0 wants the same bits.</param>
    public string? DifferenceOf(RunOutputs actual, double tolerance)
    {
        if (parts.Count != actual.parts.Count)
            return $"{actual.parts.Count} values instead of {parts.Count}";
        foreach (var (expected, found) in parts.Zip(actual.parts))
        {
            if (expected.Place != found.Place || expected.Form != found.Form)
                return $"{found.Place} {found.Form} instead of {expected.Place} {expected.Form}";
            if (expected.Bytes.AsSpan().SequenceEqual(found.Bytes))
                continue;
            var difference = RelativeDifference(expected.Type, expected.Bytes, found.Bytes);
            if (!(difference <= tolerance))
                return $"{expected.Place} {expected.Form} differs by {difference:g3}";
        }

        return null;
    }

    static double RelativeDifference(TensorElementType type, byte[] expected, byte[] found)
    {
        var (one, other) = (Numbers(type, expected), Numbers(type, found));
        double difference = 0, greatest = 1e-30;
        for (var i = 0; i < one.Length; i++)
        {
            if (one[i] == other[i] || (double.IsNaN(one[i]) && double.IsNaN(other[i])))
                continue;
            difference = Math.Max(difference, double.IsFinite(one[i] - other[i]) ? Math.Abs(one[i] - other[i]) : double.PositiveInfinity);
        }

        foreach (var number in one.Where(double.IsFinite))
            greatest = Math.Max(greatest, Math.Abs(number));
        return difference / greatest;
    }

    static double[] Numbers(TensorElementType type, byte[] bytes) => type switch
    {
        TensorElementType.Float => [.. MemoryMarshal.Cast<byte, float>(bytes).ToArray().Select(value => (double)value)],
        TensorElementType.Double => MemoryMarshal.Cast<byte, double>(bytes).ToArray(),
        TensorElementType.Float16 => [.. MemoryMarshal.Cast<byte, Half>(bytes).ToArray().Select(value => (double)value)],
        _ => [double.NaN, .. bytes.Select(value => (double)value)],
    };

    static IEnumerable<(string, string, byte[], TensorElementType)> Parts(string place, OrtValue value)
    {
        if (value.OnnxType == OnnxValueType.ONNX_TYPE_SEQUENCE)
        {
            var parts = new List<(string, string, byte[], TensorElementType)> { (place, $"sequence of {value.GetValueCount()}", [], TensorElementType.DataTypeMax) };
            value.ProcessSequence((element, i) => parts.AddRange(Parts($"{place}[{i}]", element)), OrtAllocator.DefaultInstance);
            return parts;
        }

        if (!value.IsTensor)
            return [(place, value.OnnxType.ToString(), [], TensorElementType.DataTypeMax)];
        var info = value.GetTensorTypeAndShape();
        var form = $"{info.ElementDataType}[{string.Join(",", info.Shape)}]";
        byte[] bytes = info.ElementDataType == TensorElementType.String
            ? System.Text.Encoding.UTF8.GetBytes(string.Join('\0', value.GetStringTensorAsArray()))
            : value.GetTensorMutableRawData().ToArray();
        return [(place, form, bytes, info.ElementDataType)];
    }
}
