using Compress.Data;

namespace Compress.UnitTests.Support;

/// <summary>Samples in memory, for one float input.</summary>
sealed class ArrayDataSet(string input, float[] values, int[] sampleShape, int[]? labels = null) : DataSet
{
    readonly int sampleSize = sampleShape.Aggregate(1, (a, b) => a * b);

    public override int Count => values.Length / sampleSize;

    public override IReadOnlyList<int>? Labels => labels;

    public override IReadOnlyDictionary<string, DataTensor> Read(int start, int count) => new Dictionary<string, DataTensor>
    {
        [input] = DataTensor.Of(values[(start * sampleSize)..((start + count) * sampleSize)], [count, .. sampleShape]),
    };
}
