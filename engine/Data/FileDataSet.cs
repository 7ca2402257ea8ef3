namespace Compress.Data;

/// <summary>Samples from files.</summary>
sealed class FileDataSet(IReadOnlyDictionary<string, SampleColumn> columns, SampleOrder order, int[]? labels) : DataSet
{
    readonly int[]? picked = labels is null ? null : [.. Enumerable.Range(0, order.Count).Select(i => labels[order[i]])];

    public override int Count => order.Count;

    public override IReadOnlyList<int>? Labels => picked;

    public override IReadOnlyDictionary<string, DataTensor> Read(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count - start);
        return columns.ToDictionary(column => column.Key, column => column.Value.Read(order, start, count));
    }
}
