using Microsoft.ML.OnnxRuntime;

namespace Compress.Execution;

/// <summary>The outputs of one run, in the runtime's own memory until disposed.</summary>
public sealed class RunResult : IDisposable
{
    readonly IReadOnlyList<string> names;
    readonly IDisposableReadOnlyCollection<OrtValue> values;

    internal RunResult(IReadOnlyList<string> names, IDisposableReadOnlyCollection<OrtValue> values)
    {
        this.names = names;
        this.values = values;
    }

    public IReadOnlyList<string> Names => names;

    /// <summary>The numbers of a float32 output; empty for outputs of other types.</summary>
    public ReadOnlySpan<float> Floats(string name) =>
        IsFloat(name) ? Value(name).GetTensorDataAsSpan<float>() : [];

    /// <summary>The numbers of an output, without a copy.</summary>
    public ReadOnlySpan<T> Values<T>(string name)
        where T : unmanaged => Value(name).GetTensorDataAsSpan<T>();

    /// <summary>The sizes of an output; null where it is no tensor.</summary>
    public int[]? Shape(string name)
    {
        var value = Value(name);
        return value.IsTensor ? [.. value.GetTensorTypeAndShape().Shape.Select(size => checked((int)size))] : null;
    }

    public bool IsFloat(string name)
    {
        var value = Value(name);
        return value.IsTensor && value.GetTensorTypeAndShape().ElementDataType == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float;
    }

    /// <summary>Copies of all outputs by name, of which a graph may list one twice; null for those that are no tensors.</summary>
    internal Dictionary<string, TensorCopy?> Copies() => names.Zip(values).DistinctBy(entry => entry.First).ToDictionary(entry => entry.First, entry => TensorCopy.Of(entry.Second));

    public void Dispose() => values.Dispose();

    OrtValue Value(string name)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] == name)
                return values[i];
        }

        throw new ArgumentException($"the run has no output '{name}'", nameof(name));
    }
}
