using Compress.Models;
using Compress.UnitTests.Support;
using Google.Protobuf;

namespace Compress.UnitTests.Models;

public class SparseStorageTests
{
    [Theory]
    [InlineData("Conv", 0.1)]
    [InlineData("Conv", 0.001)]
    [InlineData("Gemm", 0.1)]
    [InlineData("MatMul", 0.1)]
    [InlineData("MatMul", 0)]
    public void A_constant_stored_without_its_zeros_takes_fewer_bytes_and_gives_the_same_in_the_runtime(string op, double share)
    {
        var model = Layer(op, share, opset: 9, irVersion: 4);
        var sample = Samples.For(model);
        var (expected, bytes) = (Ort.Run(model, sample), model.ToBytes().Length);
        var weight = model.Graph.Initializer("w")!;

        Assert.Equal(share > 0, model.Graph.StoreSparsely("w"));
        model.RaiseIrVersion(Graph.FirstIrVersionWithSparse);
        var reread = Model.Parse(ByteString.CopyFrom(model.ToBytes()), "m.onnx");

        Assert.Equal(share > 0, model.ToBytes().Length < bytes / 4);
        Assert.Equal(weight.Floats().ToArray(), reread.Graph.Initializer("w")!.Floats().ToArray());
        Assert.Equal(expected, Ort.Run(reread, sample));
        Assert.Equal(share > 0 ? 1 : 0, model.ToProto().Graph.SparseInitializer.Count);
    }

    [Fact]
    public void Where_there_are_few_zeros_a_constant_stays_as_it_is()
    {
        var model = Layer("Gemm", 0.9, 17, 8);
        var bytes = model.ToBytes();

        Assert.False(model.Graph.StoreSparsely("w"));

        Assert.Equal(bytes, model.ToBytes());
    }

    [Fact]
    public void What_a_constant_takes_is_what_the_file_grows_by()
    {
        var (with, without) = (Layer("Gemm", 0.1, 17, 8), Layer("Gemm", 0.1, 17, 8));
        with.Graph.StoreSparsely("w");
        without.Graph.SetInput(without.Graph.Nodes[0], 1, "gone");
        without.Graph.RemoveDead();

        // Two tags and lengths come on top, and a name that is two letters longer.
        Assert.InRange(with.ToBytes().Length - without.ToBytes().Length - with.Graph.StoredBytes("w"), -8, 8);
    }

    [Fact]
    public void External_data_takes_sparse_constants_too()
    {
        using var folder = new TemporaryFolder();
        var model = Layer("Gemm", 0.3, 17, 8);
        var sample = Samples.For(model);
        var expected = Ort.Run(model, sample);
        model.Graph.Add(Tensor.Of<float>("other", new float[4096], 4096));
        ExternalModel.Write(model, folder.File("m.onnx"));
        using (var large = Model.Load(folder.File("m.onnx")))
        {
            Assert.True(large.Graph.StoreSparsely("w"));
            Assert.Equal(expected, Ort.Run(large, sample));
            large.Save(folder.File("out.onnx"));
        }

        using var reread = Model.Load(folder.File("out.onnx"));

        Assert.Equal(expected, Ort.Run(reread, sample));
        using var session = Compress.Execution.Session.Open(folder.File("out.onnx"), new Compress.Execution.SessionSettings(1));
        using var result = session.Run(sample);
        Assert.Equal(expected, result.Floats("y").ToArray());
    }

    static Model Layer(string op, double share, int opset, int irVersion)
    {
        var builder = new GraphBuilder(opset, irVersion: irVersion);
        var random = new Random(5);
        int[] shape = op == "Conv" ? [32, 64, 3, 3] : [64, 96];
        var count = shape.Aggregate(1, (a, b) => a * b);
        float[] values = [.. builder.Normal(count).Select(value => random.NextDouble() < share ? value : 0)];
        return builder.Input("x", op == "Conv" ? [1, 64, 5, 5] : [2, 64]).Constant("w", values, shape)
            .Node(op, ["x", "w", .. op == "Gemm" ? new[] { "b" } : []], "y").Constant("b", new float[96], 96).Output("y").Build();
    }
}
