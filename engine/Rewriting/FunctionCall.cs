using Compress.Models;
using Compress.Onnx;

namespace Compress.Rewriting;

/// <summary>One call of a local function, and the nodes that can stand in its place.</summary>
/// <param name="graph">The graph that the call is part of.</param>
/// <param name="call">The node that calls.</param>
/// <param name="function">What it calls.</param>
sealed class FunctionCall(Graph graph, Node call, FunctionProto function)
{
    /// <summary>
    /// The function's nodes as nodes of the graph: its inputs and outputs are those of the call, all other names are new ones behind the name of
    /// the call, and attributes that refer to the call's have their values.
    /// </summary>
    public Node[] Parts()
    {
        var names = new Dictionary<string, string>();
        for (var i = 0; i < function.Input.Count; i++)
            names[function.Input[i]] = call.Input(i);
        var ties = new List<Node>();
        for (var i = 0; i < function.Output.Count; i++)
        {
            var (inner, outer) = (function.Output[i], call.Output(i));
            if (!names.TryGetValue(inner, out var source))
                names.Add(inner, outer.Length > 0 ? outer : Fresh(inner));
            else if (outer.Length > 0)
                ties.Add(Node.Create("Identity", Fresh("Identity"), [source], [outer]));
        }

        return [.. function.Node.Select(node => new Node(Instance(node.Clone(), names))), .. ties];
    }

    string Fresh(string name) => graph.Fresh($"{call.DisplayName}/{name}");

    NodeProto Instance(NodeProto node, Dictionary<string, string> names)
    {
        for (var i = 0; i < node.Input.Count; i++)
            node.Input[i] = names.GetValueOrDefault(node.Input[i], node.Input[i]);
        for (var i = 0; i < node.Output.Count; i++)
            node.Output[i] = Local(node.Output[i], names);
        if (node.Name.Length > 0)
            node.Name = Fresh(node.Name);
        var attributes = node.Attribute.Select(attribute => Instance(attribute, names)).OfType<AttributeProto>().ToList();
        node.Attribute.Clear();
        node.Attribute.AddRange(attributes);
        return node;
    }

    /// <summary>An attribute with its value; null where it refers to one that the call leaves out and that has no default.</summary>
    AttributeProto? Instance(AttributeProto attribute, Dictionary<string, string> names)
    {
        if (attribute.RefAttrName.Length > 0)
        {
            var value = call.Proto.Attribute.Concat(function.AttributeProto).FirstOrDefault(given => given.Name == attribute.RefAttrName)?.Clone();
            if (value is not null)
                value.Name = attribute.Name;
            return value;
        }

        if (attribute.G is not null)
            Rename(attribute.G, new(names));
        foreach (var body in attribute.Graphs)
            Rename(body, new(names));
        return attribute;
    }

    void Rename(GraphProto body, Dictionary<string, string> names)
    {
        // What a body makes hides what the function calls by the same name.
        foreach (var hidden in body.Node.SelectMany(node => node.Output))
            names.Remove(hidden);
        foreach (var value in body.Input)
            value.Name = names[value.Name] = Fresh(value.Name);
        foreach (var tensor in body.Initializer.Concat(body.SparseInitializer.Select(sparse => sparse.Values)))
            tensor.Name = names[tensor.Name] = Fresh(tensor.Name);
        body.ValueInfo.Clear();
        foreach (var node in body.Node)
            Instance(node, names);
        foreach (var output in body.Output)
            output.Name = names.GetValueOrDefault(output.Name, output.Name);
    }

    string Local(string output, Dictionary<string, string> names)
    {
        if (output.Length > 0 && !names.ContainsKey(output))
            names.Add(output, Fresh(output));
        return output.Length > 0 ? names[output] : "";
    }
}
