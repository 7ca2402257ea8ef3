using Compress.Data;

namespace Compress.UnitTests.Support;

/// <summary>One sample, for a model with several inputs, a few times over.</summary>
sealed class RepeatedSample(IReadOnlyDictionary<string, DataTensor> sample, int count = 4) : DataSet
{
    public override int Count => count;

    public override IReadOnlyList<int>? Labels => null;

    public override IReadOnlyDictionary<string, DataTensor> Read(int start, int count) =>
        count == 1 ? sample : throw new ArgumentOutOfRangeException(nameof(count), "the sample is not stacked");
}
