using Compress.Data;
using Compress.Models;

namespace Compress.Execution;

/// <summary>Measures the sizes of every tensor by running a model once.</summary>
public static class ShapeTrace
{
    /// <summary>Runs one sample and records the sizes of all that is computed from it.</summary>
    public static TensorShapes Run(Model model, IReadOnlyDictionary<string, DataTensor> sample, int threads)
    {
        var tensors = model.Graph.Nodes.SelectMany(node => node.Outputs).Where(name => name.Length > 0);
        using var session = TensorTap.Open(model, tensors, threads);
        using var result = session.Run(sample);
        var shapes = new Dictionary<string, int[]>();
        foreach (var (name, tensor) in sample)
            shapes[name] = tensor.Shape;
        foreach (var name in result.Names)
        {
            if (result.Shape(name) is { } shape)
                shapes[name] = shape;
        }

        return new TensorShapes(shapes);
    }
}
