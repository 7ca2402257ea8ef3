using Compress.Data;
using Compress.Models;

namespace Compress.UnitTests.Support;

/// <summary>Makes a sample for a model's float inputs.</summary>
static class Samples
{
    /// <summary>Normal random numbers; free sizes are 1.</summary>
    public static Dictionary<string, DataTensor> For(Model model, int seed = 11)
    {
        var random = new GraphBuilder(seed: seed);
        return model.Graph.Inputs.ToDictionary(input => input.Name, input =>
        {
            int[] shape = [.. input.Type.TensorType.Shape.Dim.Select(size => Math.Max(1, (int)size.DimValue))];
            return DataTensor.Of(random.Normal(shape.Aggregate(1, (a, b) => a * b)), shape);
        });
    }
}
