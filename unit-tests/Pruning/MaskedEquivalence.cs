using Compress.Data;
using Compress.Execution;
using Compress.Models;
using Compress.Pruning;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Pruning;

/// <summary>
/// What pruning must be equal to: the original, run in full, in which every tensor is zero at the channels that went, wherever
/// something reads it.
/// </summary>
static class MaskedEquivalence
{
    /// <summary>Operators whose results are not float numbers.</summary>
    static readonly string[] Others = ["Shape", "Equal", "Less", "Greater", "Not", "And", "Or", "ArgMax"];

    /// <summary>Prunes the model by a share of every group that may be pruned, chosen at random, and compares with the masked original.</summary>
    /// <returns>The number of channels that went.</returns>
    public static int Check(Model model, double share, int seed, IReadOnlyDictionary<string, DataTensor> sample, double tolerance = 1e-4)
    {
        var dependencies = ChannelAnalysis.Find(model.Graph, ShapeTrace.Run(model, sample, threads: 1));
        var random = new Random(seed);
        var kept = ChannelSelection.Choose(dependencies, dependencies.Groups.Where(group => group.PinnedBy is null).ToDictionary(group => group, group => (
            Enumerable.Range(0, group.Channels).Select(_ => random.NextDouble()).ToArray(), Math.Max(1, group.Channels - (int)(group.Channels * share)))));
        Check(model, dependencies, kept, sample, tolerance);
        return kept.Sum(entry => entry.Key.Channels - entry.Value.Length);
    }

    /// <summary>Removes the channels that are not kept from the model, and compares with the masked original.</summary>
    public static void Check(
        Model model, DependencyGraph dependencies, IReadOnlyDictionary<ChannelGroup, int[]> kept, IReadOnlyDictionary<string, DataTensor> sample, double tolerance = 1e-4)
    {
        var masked = model.Clone();
        Mask(masked.Graph, dependencies, ChannelRemoval.Gone(kept));
        using var expected = Session.Open(masked, new SessionSettings(1));
        using var wanted = expected.Run(sample);
        ChannelRemoval.Keep(model.Graph, dependencies, kept);
        model.Graph.RemoveDead();
        model.Graph.ForgetShapes();
        using var actual = Session.Open(model, new SessionSettings(1));
        using var given = actual.Run(sample);
        foreach (var output in expected.OutputNames)
        {
            Assert.Equal(wanted.Shape(output), given.Shape(output));
            Assert.InRange(Ort.RelativeDifference(wanted.Floats(output), given.Floats(output)), 0, tolerance);
        }
    }

    static void Mask(Graph graph, DependencyGraph dependencies, HashSet<int> gone)
    {
        foreach (var node in graph.Nodes.ToArray())
        {
            if (Others.Contains(node.OpType) || (node.Is("Cast") && node.Int("to") != 1))
                continue;
            foreach (var output in node.Outputs.Where(name => name.Length > 0).ToArray())
            {
                if (dependencies.ClassesOf(output) is not { } layout)
                    continue;
                for (var axis = 0; axis < layout.Length; axis++)
                {
                    if (layout[axis] is { } classes && classes.Any(gone.Contains))
                        Multiply(graph, node, output, [.. classes.Select(each => gone.Contains(each) ? 0f : 1f)], layout.Length - 1 - axis);
                }
            }
        }
    }

    static void Multiply(Graph graph, Node node, string tensor, float[] mask, int axesBehind)
    {
        var masked = graph.Fresh(tensor + "_masked");
        var constant = graph.Add(Tensor.Of<float>(graph.Fresh(tensor + "_mask"), mask, [mask.Length, .. Enumerable.Repeat(1, axesBehind)]));
        graph.ReplaceUses(tensor, masked);
        graph.InsertAfter(node, Node.Create("Mul", masked, [tensor, constant], [masked]));
    }
}
