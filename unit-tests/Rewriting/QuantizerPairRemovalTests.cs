using Compress.Models;
using Compress.Rewriting;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Rewriting;

public class QuantizerPairRemovalTests
{
    [Theory]
    [InlineData(0.5f, (byte)3, 1)]
    [InlineData(0.25f, (byte)3, 0)]
    [InlineData(0.5f, (byte)4, 0)]
    public void A_pair_goes_if_it_gives_back_the_integers_that_were_there(float scale, byte zero, int removed)
    {
        var model = new GraphBuilder().Input("x", 1, 64).Constant(Tensor.Scalar("s", 0.5f)).Constant(Tensor.Scalar("z", (byte)3))
            .Constant(Tensor.Scalar("s2", scale)).Constant(Tensor.Scalar("z2", zero))
            .Node("QuantizeLinear", ["x", "s", "z"], "q").Node("DequantizeLinear", ["q", "s", "z"], "d").Node("QuantizeLinear", ["d", "s2", "z2"], "q2")
            .Node("DequantizeLinear", ["q2", "s2", "z2"], "y").Output("y").Build();
        var x = new GraphBuilder(seed: 7).Normal(64, 60);
        var expected = Ort.Run(model.Clone(), "x", x, 1, 64);

        Assert.Equal(removed, new QuantizerPairRemoval().Apply(model));

        model.Graph.RemoveDead();
        Assert.Equal(removed == 1 ? 1 : 2, model.Graph.Nodes.Count(node => node.IsQuantizer));
        Assert.Equal(expected, Ort.Run(model, "x", x, 1, 64));
    }

    [Fact]
    public void Every_integer_comes_back()
    {
        // The argument that AreInverse rests on, for scales that float32 does not hold exactly.
        foreach (var scale in (float[])[0.1f, 1e-7f, 3.3333e5f, 0.7f])
        {
            for (var q = 0; q <= ushort.MaxValue; q += 7)
                Assert.Equal(q - 1000, (int)MathF.Round((q - 1000) * scale / scale));
        }
    }

    [Fact]
    public void What_else_reads_the_float_values_keeps_them()
    {
        var model = new GraphBuilder().Input("x", 1, 8).Constant(Tensor.Scalar("s", 0.5f)).Constant(Tensor.Scalar("z", (byte)3))
            .Node("QuantizeLinear", ["x", "s", "z"], "q").Node("DequantizeLinear", ["q", "s", "z"], "d").Node("QuantizeLinear", ["d", "s", "z"], "q2")
            .Node("DequantizeLinear", ["q2", "s", "z"], "y").Relu("d", "r").Output("y").Output("r").Build();
        float[] x = [-1, 0, 1, 2, 3, 4, 5, 600];
        var sample = new Dictionary<string, Compress.Data.DataTensor> { ["x"] = new(Compress.Onnx.TensorProto.Types.DataType.Float, [1, 8], x) };
        var (y, r) = (Ort.Run(model.Clone(), sample, "y"), Ort.Run(model.Clone(), sample, "r"));

        Assert.Equal(1, new QuantizerPairRemoval().Apply(model));

        Assert.Equal(y, Ort.Run(model, sample, "y"));
        Assert.Equal(r, Ort.Run(model, sample, "r"));
    }
}
