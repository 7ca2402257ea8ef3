using Compress.Diagnostics;
using Compress.Policies;

namespace Compress.Data;

/// <summary>Makes up one sample, for measuring the sizes of tensors where there is no real one.</summary>
public static class ProbeSample
{
    /// <summary>Random numbers in the inputs' sizes, a batch of one; null where a size other than the batch is free.</summary>
    public static IReadOnlyDictionary<string, DataTensor>? Of(IReadOnlyList<ModelInput> inputs)
    {
        try
        {
            var source = new DataSource(DataFormat.Random, new SourcePosition("probe")) { Take = 1 };
            using var data = DataSets.Open(source, path => path, inputs, seed: 0, []);
            return data.Read(0, 1);
        }
        catch (CompressException)
        {
            return null;
        }
    }
}
