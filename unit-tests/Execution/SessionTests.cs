using Compress.Data;
using Compress.Execution;
using Compress.Models;
using Compress.Onnx;
using Compress.UnitTests.Support;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.UnitTests.Execution;

public class SessionTests
{
    [Fact]
    public void A_tap_gives_an_inner_tensor_and_computes_nothing_else()
    {
        var model = new GraphBuilder().Input("x", -1, 2).Constant("two", [2f]).Node("Mul", ["x", "two"], "doubled")
            .Node("Relu", ["doubled"], "y").Output("y", -1, 2).Build();

        using var session = TensorTap.Open(model, ["doubled"], 1);
        using var result = session.Run(new Dictionary<string, DataTensor> { ["x"] = DataTensor.Of([-1, 3], 1, 2) });

        Assert.Equal(["doubled"], session.OutputNames);
        Assert.Equal([-2f, 6f], result.Floats("doubled").ToArray());
        Assert.Equal(2, model.Graph.Nodes.Count);
    }

    [Fact]
    public void A_shape_trace_measures_what_the_runtime_computes()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "y", 3, 5, stride: 2).Output("y").Build();

        var shapes = ShapeTrace.Run(model, new Dictionary<string, DataTensor> { ["x"] = DataTensor.Of(new float[192], 1, 3, 8, 8) }, 1);

        Assert.Equal([1, 5, 4, 4], shapes.Of("y")!);
    }

    [Fact]
    public async Task A_loop_without_end_stops_when_it_is_cancelled()
    {
        var body = new GraphBuilder().InputOf(DataType.Int64, "i").InputOf(DataType.Bool, "on").Input("carried", 1)
            .Node("Identity", ["on"], "still").Node("Relu", ["carried"], "next").Output("still").Output("next", 1).Build().ToProto().Graph;
        foreach (var scalar in body.Input.Take(2))
            scalar.Type.TensorType.Shape = new TensorShapeProto();
        body.Output[0].Type.TensorType.ElemType = (int)DataType.Bool;
        var model = new GraphBuilder().Input("x", 1).Constant(Tensor.Scalar("trips", long.MaxValue)).Constant(Tensor.Scalar("yes", true))
            .Node("Loop", ["trips", "yes", "x"], "y", node => node.With("body", body)).Output("y", 1).Build();
        using var session = Session.Open(model, new SessionSettings(1));
        using var source = new CancellationTokenSource();

        var run = Task.Run(() => session.Run(new Dictionary<string, DataTensor> { ["x"] = DataTensor.Of([1], 1) }, source.Token));
        source.CancelAfter(100);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(TimeSpan.FromMinutes(2)));
    }
}
