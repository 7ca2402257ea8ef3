using Compress.Models;

namespace Compress.Rewriting;

/// <summary>Turns Constant nodes into initializers. Sparse ones stay sparse; strings stay nodes.</summary>
public sealed class ConstantNodesToInitializers : IRewrite
{
    public string Name => "constants are initializers";

    public int Apply(Model model)
    {
        var changed = model.Graph.WithBodies().ToArray().Sum(Apply);
        if (changed > 0)
            model.RaiseIrVersion(Model.FirstIrWithoutListing);
        return changed;
    }

    static int Apply(Graph graph)
    {
        var changed = 0;
        foreach (var node in graph.Nodes.Where(node => node.Is("Constant")).ToArray())
        {
            // A graph output must be made by a node in every runtime's eyes.
            if (graph.IsOutput(node.Output()))
                continue;
            if (ValueOf(node) is { } value)
            {
                graph.Remove(node);
                graph.Add(value.Renamed(node.Output()));
                changed++;
            }
            else if (node.SparseAttribute("sparse_value") is { } sparse)
            {
                graph.Remove(node);
                sparse.Values.Name = node.Output();
                graph.Add(sparse);
                changed++;
            }
        }

        return changed;
    }

    static Tensor? ValueOf(Node node)
    {
        if (node.TensorAttribute("value") is { } tensor)
            return tensor.Type == Onnx.TensorProto.Types.DataType.String ? null : tensor;
        if (node.Has("value_float"))
            return Tensor.Scalar("", node.Float("value_float"));
        if (node.Has("value_int"))
            return Tensor.Scalar("", node.Int("value_int"));
        if (node.Has("value_floats"))
            return Tensor.Of<float>("", node.FloatList("value_floats"), node.FloatList("value_floats").Length);
        return node.Ints("value_ints") is { } integers ? Tensor.Of<long>("", [.. integers], integers.Count) : null;
    }
}
