using Compress.Execution;
using Compress.Models;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Execution;

/// <summary>Weights that are handed over without a copy are those of the edited model, whatever is in the file that it came from.</summary>
public class SharedWeightsTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_file_that_a_model_came_from_is_not_read_again(bool isGone)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("model.onnx");
        var built = new GraphBuilder().Input("x", -1, 256).Random("w", 0.1f, 256, 256).Node("MatMul", ["x", "w"], "y").Output("y").Build();
        built.Save(path);
        using var model = Model.Load(path);
        // A larger weight than the file ever held, of which nothing but a few bytes is left.
        model.Graph.SetConstant(model.Graph.Nodes[0], 1, Tensor.Of<float>("w", new GraphBuilder(seed: 2).Normal(256 * 1024), 256, 1024));
        if (isGone)
            File.Delete(path);
        else
            File.WriteAllText(path, "gone");
        var sample = Samples.For(built);

        using var session = Session.Open(model, SessionSettings.Once(1));
        using var result = session.Run(sample);

        Assert.InRange(Ort.RelativeDifference(Ort.Run(Model.Of(model.ToProto().Clone()), sample, optimize: false), result.Floats("y")), 0, 1e-5);
    }

    [Fact]
    public void Sessions_of_one_model_share_its_weights_and_outlive_one_another()
    {
        using var folder = new TemporaryFolder();
        new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "y", 3, 64).Output("y").Build().Save(folder.File("model.onnx"));
        using var model = Model.Load(folder.File("model.onnx"));
        var sample = Samples.For(model);
        var second = Session.Open(model, SessionSettings.Once(1));
        float[] expected;
        using (var first = Session.Open(model, SessionSettings.Once(1)))
        using (var result = first.Run(sample))
            expected = result.Floats("y").ToArray();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

        using (second)
        using (var result = second.Run(sample))
            Assert.Equal(expected, result.Floats("y").ToArray());
    }
}
