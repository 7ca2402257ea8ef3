using Compress.Onnx;

namespace Compress.Models;

/// <summary>Every tensor that a model stores: initializers and attributes, in bodies and functions too.</summary>
static class TensorProtos
{
    /// <summary>In the file's order, each with the name by which a user finds it.</summary>
    public static IEnumerable<(string Name, TensorProto Tensor)> Of(ModelProto model) =>
        Of(model.Graph).Concat(model.Functions.SelectMany(function => function.Node.SelectMany(Of)));

    static IEnumerable<(string Name, TensorProto Tensor)> Of(GraphProto graph) =>
        graph.Initializer.Select(tensor => ($"initializer '{tensor.Name}'", tensor))
            .Concat(graph.SparseInitializer.SelectMany(sparse => Of(sparse, $"sparse initializer '{sparse.Values?.Name}'")))
            .Concat(graph.Node.SelectMany(Of));

    static IEnumerable<(string Name, TensorProto Tensor)> Of(NodeProto node)
    {
        foreach (var attribute in node.Attribute)
        {
            var name = $"attribute '{attribute.Name}' of {new Node(node)}";
            if (attribute.T is not null)
                yield return (name, attribute.T);
            foreach (var tensor in attribute.Tensors)
                yield return (name, tensor);
            foreach (var part in attribute.SparseTensors.Prepend(attribute.SparseTensor).Where(sparse => sparse is not null).SelectMany(sparse => Of(sparse, name)))
                yield return part;
            foreach (var inner in attribute.Graphs.Prepend(attribute.G).Where(graph => graph is not null).SelectMany(Of))
                yield return inner;
        }
    }

    static IEnumerable<(string Name, TensorProto Tensor)> Of(SparseTensorProto sparse, string name)
    {
        if (sparse.Values is not null)
            yield return (name, sparse.Values);
        if (sparse.Indices is not null)
            yield return (name, sparse.Indices);
    }
}
