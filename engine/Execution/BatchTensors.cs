using Microsoft.ML.OnnxRuntime;

namespace Compress.Execution;

/// <summary>Tensors computed for one batch, in the runtime's own memory.</summary>
sealed class BatchTensors : IDisposable
{
    readonly Dictionary<string, OrtValue> values = [];

    public IReadOnlyDictionary<string, OrtValue> Values => values;

    public long Bytes => BytesOf(values.Keys);

    public void Add(string name, OrtValue value) => values.Add(name, value);

    /// <summary>The memory that the named ones of the tensors take.</summary>
    public long BytesOf(IEnumerable<string> names) => names.Sum(name => values.TryGetValue(name, out var value) && value.IsTensor ? value.GetTensorSizeInBytes() : 0);

    /// <summary>The numbers of a float32 tensor; empty for tensors of other types.</summary>
    public ReadOnlySpan<float> Floats(string name)
    {
        var value = values[name];
        return value.IsTensor && value.GetTensorTypeAndShape().ElementDataType == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float
            ? value.GetTensorDataAsSpan<float>() : [];
    }

    /// <summary>Keeps some tensors and lets go of the others.</summary>
    public void Keep(IReadOnlySet<string> names)
    {
        foreach (var name in values.Keys.Where(name => !names.Contains(name)).ToArray())
        {
            values.Remove(name, out var value);
            value!.Dispose();
        }
    }

    /// <summary>Takes over the named tensors of another batch.</summary>
    public void MoveFrom(BatchTensors other, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (other.values.Remove(name, out var value))
                values.Add(name, value);
        }
    }

    public void Dispose() => Keep(new HashSet<string>());
}
