namespace Compress.Data;

/// <summary>Samples that fit a model's inputs, read batch by batch: a data set never holds more in memory than it must.</summary>
public abstract class DataSet : IDisposable
{
    /// <summary>The number of samples; at least 1.</summary>
    public abstract int Count { get; }

    /// <summary>The class of each sample; null where there are no labels.</summary>
    public abstract IReadOnlyList<int>? Labels { get; }

    /// <summary>Reads samples as one batch: for each model input, the samples stacked along the first axis.</summary>
    /// <param name="start">The first sample.</param>
    /// <param name="count">How many; at most <see cref="Count"/> − <paramref name="start"/>.</param>
    public abstract IReadOnlyDictionary<string, DataTensor> Read(int start, int count);

    public virtual void Dispose() => GC.SuppressFinalize(this);
}
