using Compress.Diagnostics;
using Compress.Policies;

namespace Compress.Data;

/// <summary>Makes up one sample, for measuring the sizes of tensors where there is no real one.</summary>
public static class ProbeSample
{
    /// <summary>Random numbers in the inputs' sizes, a batch of one; null where that cannot be made up.</summary>
    /// <param name="inputs">The model's inputs.</param>
    /// <param name="obstacle">What is in the way, such as the name of a size other than the batch that is free; else null.</param>
    /// <param name="shapes">Sizes of inputs by name, the batch first, where the model leaves them free.</param>
    public static IReadOnlyDictionary<string, DataTensor>? Of(IReadOnlyList<ModelInput> inputs, out string? obstacle, IReadOnlyDictionary<string, int[]>? shapes = null)
    {
        obstacle = null;
        if (inputs.Count == 0)
            return new Dictionary<string, DataTensor>();
        try
        {
            var source = new DataSource(DataFormat.Random, new SourcePosition("probe")) { Take = 1, Shapes = shapes ?? new Dictionary<string, int[]>() };
            using var data = DataSets.Open(source, path => path, inputs, seed: 0, []);
            return data.Read(0, 1);
        }
        catch (CompressException exception)
        {
            obstacle = exception.Diagnostics[0].Message;
            return null;
        }
    }
}
