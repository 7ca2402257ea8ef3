using Compress.Models;

namespace Compress.Pruning.Forms;

/// <summary>Nodes that cut the spatial axes of a tensor, as of opset 11. They hold for every size of the tensor.</summary>
static class InputSlices
{
    /// <summary>Leaves out some positions at either end of each spatial axis.</summary>
    public static Node Cut(Graph graph, string tensor, int[] first, int[] last) => Slice(graph, tensor, first, last, null);

    /// <summary>Every so many positions from a first one, up to some before the end.</summary>
    public static Node Slice(Graph graph, string tensor, int[] first, int[] last, int[]? steps)
    {
        var name = graph.Fresh(tensor + ".slice");
        List<string> inputs =
        [
            tensor, Numbers("starts", first.Select(size => (long)size)),
            Numbers("ends", last.Select(size => size == 0 ? long.MaxValue : -size)), Numbers("axes", first.Select((_, axis) => axis + 2L)),
        ];
        if (steps is not null && steps.Any(step => step > 1))
            inputs.Add(Numbers("steps", steps.Select(step => (long)step)));
        return Node.Create("Slice", name, inputs, [name]);

        string Numbers(string stem, IEnumerable<long> values) => graph.Add(Vector(graph, $"{name}.{stem}", values));
    }

    /// <summary>Zeros at either end of each spatial axis.</summary>
    public static Node Pad(Graph graph, string tensor, int[] begin, int[] end)
    {
        var name = graph.Fresh(tensor + ".pad");
        var pads = graph.Add(Vector(graph, name + ".pads", [0, 0, .. begin.Select(pad => (long)pad), 0, 0, .. end.Select(pad => (long)pad)]));
        return Node.Create("Pad", name, [tensor, pads], [name]);
    }

    static Tensor Vector(Graph graph, string stem, IEnumerable<long> values)
    {
        long[] numbers = [.. values];
        return Tensor.Of<long>(graph.Fresh(stem), numbers, numbers.Length);
    }
}
