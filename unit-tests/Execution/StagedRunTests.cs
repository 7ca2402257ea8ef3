using Compress.Execution;
using Compress.Models;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Execution;

public class StagedRunTests
{
    static readonly string[][] Steps = [["b"], ["b", "x"], ["d"], ["g"]];

    /// <summary>A skip past two steps, an input read late, and a tensor that no step asks for.</summary>
    static Model Net() => new GraphBuilder().Input("x", -1, 4, 8, 8).Conv("x", "a", 4, 4).Relu("a", "b").Conv("b", "c", 4, 4).Node("Add", ["c", "x"], "d")
        .Conv("d", "e", 4, 4).Node("Add", ["e", "a"], "f").Relu("f", "g").Conv("g", "y", 4, 2).Output("y").Build();

    [Theory]
    [InlineData(0)]
    [InlineData(20_000)]
    [InlineData(1 << 20)]
    public void Tensors_are_those_of_a_run_of_the_whole_model_however_little_is_kept(long mostBytes)
    {
        var model = Net();
        var data = new ArrayDataSet("x", new GraphBuilder(seed: 4).Normal(7 * 256), [4, 8, 8]);
        var batches = SampleBatches.Spread(7, 100, 3);
        using var staged = new StagedRun(model, Steps, data, batches, threads: 1, mostBytes);

        for (var step = 0; step < Steps.Length; step++)
        {
            using var whole = TensorTap.Open(model, ["b", "d", "g"], threads: 1);
            var seen = 0;
            staged.Compute(step, (batch, tensors) =>
            {
                var input = data.Read(batches[batch].Start, batches[batch].Count);
                using var expected = whole.Run(input);
                foreach (var name in Steps[step])
                    Assert.Equal(name == "x" ? (float[])input["x"].Values : expected.Floats(name).ToArray(), tensors.Floats(name).ToArray());
                seen += batches[batch].Count;
            }, CancellationToken.None);
            Assert.Equal(7, seen);
            if (step == 1)
                Double(model, "c");
        }
    }

    [Fact]
    public void Batches_of_a_large_set_are_spread_over_it()
    {
        var batches = SampleBatches.Spread(1000, 64, 16);

        Assert.Equal([(0, 16), (240, 16), (496, 16), (752, 16)], batches);
        Assert.Equal([(0, 3), (3, 3), (6, 1)], SampleBatches.Spread(7, 64, 3));
    }

    /// <summary>An edit after a step, of what it did not compute.</summary>
    static void Double(Model model, string layer)
    {
        var node = model.Graph.Producer(layer)!;
        var weight = model.Graph.Initializer(node.Input(1))!;
        model.Graph.SetConstant(node, 1, Tensor.Of<float>(weight.Name, [.. weight.Floats().ToArray().Select(value => 2 * value)], weight.Shape));
    }
}
