using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Rewriting.Opsets;

/// <summary>Writes a node of the version before as one, or several, of the next version.</summary>
/// <returns>Null where that was done; else the reason why it cannot be.</returns>
delegate string? OpsetAdapter(OpsetEdit edit);

/// <summary>One node on its way from one version of its operator to the next.</summary>
/// <param name="Graph">The graph, or body, that it belongs to.</param>
/// <param name="Node">The node.</param>
/// <param name="Target">The opset at the end of the way; what adapters add may rely on it.</param>
/// <param name="Facts">Types and ranks.</param>
sealed record OpsetEdit(Graph Graph, Node Node, int Target, TensorFacts Facts)
{
    /// <summary>Moves a list of integers from an attribute to an input; an attribute that is not there leaves the input out.</summary>
    public void MoveIntegers(string attribute, int input)
    {
        if (Node.Ints(attribute) is { } values)
            SetConstant(input, attribute, Tensor.Of<long>("", [.. values], values.Count));
        Node.Without(attribute);
    }

    /// <summary>Gives an input constant values.</summary>
    public void SetConstant(int input, string stem, Tensor values) => Graph.SetInput(Node, input, Constant(stem, values));

    /// <summary>Adds an initializer named after the node.</summary>
    /// <returns>Its name.</returns>
    public string Constant(string stem, Tensor values) => Graph.Add(values.Renamed(Fresh(stem)));

    public string Fresh(string stem) => Graph.Fresh($"{Node.DisplayName}_{stem}");

    /// <summary>Puts a node of another operator, with the same attributes but for some, in this one's place.</summary>
    public Node Become(string opType, IEnumerable<string> inputs, params ReadOnlySpan<string> except)
    {
        var node = Node.Create(opType, Node.Name, inputs, Node.Outputs).WithAttributesOf(Node, except);
        Graph.Replace(Node, node);
        return node;
    }

    /// <summary>A number in the type of the node's first input; null where that type is not known, or is not a float type.</summary>
    public Tensor? LikeFirstInput(float value) => TypeOf(Node.Input(0)) switch
    {
        DataType.Float => Tensor.Scalar("", value),
        DataType.Double => Tensor.Scalar("", (double)value),
        DataType.Float16 => Tensor.Scalar("", (Half)value),
        _ => null,
    };

    /// <summary>The number of dimensions; null where it is not known.</summary>
    public int? RankOf(string tensor) => Graph.Initializer(tensor)?.Shape.Length ?? (IsOutermost(tensor) ? Facts.RankOf(tensor) : null);

    DataType? TypeOf(string tensor) => Graph.Initializer(tensor)?.Type ?? (IsOutermost(tensor) ? Facts.TypeOf(tensor) : null);

    /// <summary>Whether a name is that of a tensor of the model's graph, and not of one in a body, which hides it.</summary>
    bool IsOutermost(string tensor)
    {
        for (var at = Graph; at.Outer is not null; at = at.Outer)
        {
            if (at.IsLocal(tensor))
                return false;
        }

        return true;
    }
}
