using Compress.Models;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Quantization.HalfPrecision;

public class HalfRegionTests
{
    /// <summary>Operators that are free to go either way.</summary>
    static readonly string[] Free = ["Relu", "Sigmoid", "Add", "Mul", "Concat", "Transpose", "Split", "Slice"];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_other_division_of_a_random_graph_needs_fewer_Casts(int seed)
    {
        var model = RandomGraph(seed, out var asked);
        var original = model.Clone();

        Halved.Apply(model, Halved.Fp16, asked.Contains, new RepeatedSample(Samples.For(original)));

        Halved.Check(model);
        Assert.Equal(FewestCasts(original.Graph, asked), Halved.Casts(model).Length);
        Assert.InRange(Halved.Difference(original, model, Samples.For(original)), 0, 0.01);
    }

    /// <summary>By trying every division.</summary>
    static int FewestCasts(Graph graph, HashSet<string> asked)
    {
        var free = graph.Nodes.Where(node => Free.Contains(node.OpType)).ToList();
        var tensors = graph.Inputs.Select(input => input.Name).Concat(graph.Nodes.SelectMany(node => node.Outputs)).ToList();
        return Enumerable.Range(0, 1 << free.Count).Min(choice =>
        {
            return tensors.Sum(tensor =>
            {
                var maker = graph.Producer(tensor) is { } producer && InHalf(producer);
                return graph.Consumers(tensor).Select(InHalf).Concat(graph.IsOutput(tensor) ? [false] : []).Contains(!maker) ? 1 : 0;
            });

            bool InHalf(Node node) => asked.Contains(node.Name) || (free.IndexOf(node) is var index and >= 0 && (choice >> index & 1) == 1);
        });
    }

    /// <summary>Matrices of 4x4 on each edge, of numbers that stay small, as great ones have to stay in float32; a few layers, of which some are asked for; Cos, which has to stay in float32; up to ten nodes that are free.</summary>
    static Model RandomGraph(int seed, out HashSet<string> asked)
    {
        var random = new Random(seed);
        var builder = new GraphBuilder(seed: seed).Input("x", 4, 4);
        List<string> tensors = ["x"];
        var free = 0;
        asked = [];
        for (var i = 0; i < 16; i++)
        {
            var (one, other) = (Pick(), Pick());
            var op = random.Next(4) switch { 0 => "MatMul", 1 when free == 10 || random.Next(3) == 0 => "Cos", _ when free == 10 => "MatMul", _ => Free[random.Next(Free.Length - 1)] };
            free += Free.Contains(op) ? 1 : 0;
            switch (op)
            {
                case "MatMul":
                    builder.Random($"w{i}", 0.2f, 4, 4).Node(op, [one, $"w{i}"], $"t{i}");
                    if (random.Next(3) > 0)
                        asked.Add($"/t{i}");
                    break;
                case "Concat":
                    free++;
                    builder.Node(op, [one, other], $"c{i}", node => node.With("axis", 1)).Constant($"axes{i}", [1L]).Constant($"start{i}", [2L]).Constant($"end{i}", [6L])
                        .Node("Slice", [$"c{i}", $"start{i}", $"end{i}", $"axes{i}"], $"t{i}");
                    break;
                case "Split":
                    builder.Add(Node.Create(op, $"/split{i}", [one], [$"a{i}", $"b{i}"]).With("axis", 0)).Node("Concat", [$"b{i}", $"a{i}"], $"t{i}", node => node.With("axis", 0));
                    free++;
                    break;
                case "Add" or "Mul":
                    builder.Node(op, [one, other], $"t{i}");
                    break;
                default:
                    builder.Node(op, [one], $"t{i}");
                    break;
            }

            tensors.Add($"t{i}");
        }

        foreach (var tensor in tensors[^3..])
            builder.Output(tensor);
        var model = builder.Build();
        model.Graph.RemoveDead();
        return model;

        string Pick() => tensors[Math.Max(0, tensors.Count - 1 - random.Next(4))];
    }
}
