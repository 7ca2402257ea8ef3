using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Quantization.HalfPrecision;

/// <summary>Brings a region of a graph into fp16, with Casts at its borders and nowhere within. The graph's inputs and outputs stay as they are.</summary>
/// <param name="graph">The graph, edited in place.</param>
/// <param name="isFloat">Whether a tensor is float32 in the graph as it was.</param>
/// <param name="typeOf">The type of a tensor in the graph as it was; null where it is not known.</param>
/// <param name="region">What computes in fp16.</param>
/// <param name="constants">Takes the constants that the region reads.</param>
sealed class HalfInsertion(Graph graph, Func<string, bool> isFloat, Func<string, DataType?> typeOf, HalfRegion region, HalfConstants constants)
{
    public void Apply()
    {
        if (region.Nodes.Count == 0)
            return;
        graph.ForgetShapes();
        foreach (var input in graph.Inputs.Select(input => input.Name).Where(isFloat).ToArray())
            Cast(input, null);
        foreach (var node in graph.Nodes.ToArray())
        {
            foreach (var output in node.Outputs.Where(isFloat).ToArray())
                Cast(output, node);
            for (var input = 0; input < node.Inputs.Count; input++)
            {
                if (region.ReadsHalf(node, input) && graph.Initializer(node.Input(input)) is { Type: DataType.Float } constant)
                    graph.SetInput(node, input, constants.Store(graph, constant.Name, DataType.Float16).Values.Name);
            }
        }

        graph.RemoveDead();
    }

    void Cast(string tensor, Node? maker)
    {
        var readers = graph.Consumers(tensor).SelectMany(node => node.Inputs.Index().Where(entry => entry.Item == tensor).Select(entry => (Node: node, Input: entry.Index)))
            .Where(reader => region.ReadsHalf(reader.Node, reader.Input)).ToList();
        var isHalf = maker is not null && region.Nodes.Contains(maker);
        if (isHalf ? !IsReadAsFloat(tensor) : readers.Count == 0)
            return;
        var half = isHalf || HalfBehind(maker) is not { } known ? graph.Fresh(tensor + "_fp16") : known;
        if (isHalf)
        {
            graph.SetOutput(maker!, maker!.Outputs.Index().First(entry => entry.Item == tensor).Index, half);
            graph.InsertAfter(maker, HalfCast.Node(graph, half, tensor, DataType.Float));
        }
        else if (graph.Producer(half) is null && !graph.IsInput(half))
        {
            // Integers go to fp16 at once, not by way of float32.
            var cast = HalfCast.Node(graph, maker is not null && maker.Is("Cast") ? maker.Input(0) : tensor, half, DataType.Float16);
            if (maker is null)
                graph.InsertFirst(cast);
            else
                graph.InsertAfter(maker, cast);
        }

        foreach (var (node, input) in readers)
            graph.SetInput(node, input, half);
    }

    /// <summary>Whether somebody reads the tensor as float32: a caller, a body, or a node in float.</summary>
    bool IsReadAsFloat(string tensor) => graph.IsOutput(tensor) || graph.Consumers(tensor).Any(node =>
    {
        var inputs = node.Inputs.Index().Where(entry => entry.Item == tensor).Select(entry => entry.Index).ToList();
        return inputs.Count == 0 || inputs.Exists(input => !region.ReadsHalf(node, input));
    });

    /// <summary>The tensor in fp16 that a float is cast from, in a model that has some already; null where there is none.</summary>
    string? HalfBehind(Node? maker) => maker is not null && maker.Is("Cast") && typeOf(maker.Input(0)) == DataType.Float16 ? maker.Input(0) : null;
}
