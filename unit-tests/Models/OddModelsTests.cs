using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Onnx;
using Compress.Rewriting;
using Compress.UnitTests.Support;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static Compress.Onnx.TensorProto.Types;
using Tensor = Compress.Models.Tensor;

namespace Compress.UnitTests.Models;

public class OddModelsTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_sparse_weight_is_read_as_the_runtime_reads_it_and_stays_sparse(bool coordinates, bool isConstantNode)
    {
        var sparse = Sparse(coordinates ? [0, 1, 1, 0, 2, 3] : [1, 4, 11], coordinates ? [3, 2] : [3], 3, 4);
        var builder = new GraphBuilder().Input("x", 1, 3).Node("MatMul", ["x", "w"], "y").Output("y", 1, 4);
        var proto = builder.Build().ToProto();
        if (isConstantNode)
            proto.Graph.Node.Insert(0, new NodeProto { OpType = "Constant", Output = { "w" }, Attribute = { new AttributeProto { Name = "sparse_value", Type = AttributeProto.Types.AttributeType.SparseTensor, SparseTensor = sparse } } });
        else
            proto.Graph.SparseInitializer.Add(sparse);
        var model = Reloaded(proto);
        var expected = Ort.Run(model.Clone(), "x", [1, 10, 100], 1, 3);
        Assert.Equal([30f, 2f, 0f, 400f], expected);

        Rewriter.Run(model);

        Assert.Equal([0f, 2f, 0f, 0f, 3f, 0f, 0f, 0f, 0f, 0f, 0f, 4f], model.Graph.Initializer("w")!.Floats().ToArray());
        Assert.Equal(12, Assert.Single(LayerCatalog.List(model.Graph, TensorShapes.None)).Parameters);
        Assert.Equal(expected, Ort.Run(Reloaded(model.ToProto()), "x", [1, 10, 100], 1, 3));
        Assert.Single(model.ToProto().Graph.SparseInitializer);

        model.Graph.SetConstant(model.Graph.Nodes[0], 1, Tensor.Of<float>("w", new float[12], 3, 4));
        Assert.Empty(model.ToProto().Graph.SparseInitializer);
        Assert.Equal(new float[4], Ort.Run(Reloaded(model.ToProto()), "x", [1, 10, 100], 1, 3));
    }

    [Theory]
    [InlineData(new long[] { 1, 4, 12 }, new long[] { 3 }, 3L, 4L, "outside of its shape")]
    [InlineData(new long[] { 1, -4, 11 }, new long[] { 3 }, 3L, 4L, "outside of its shape")]
    [InlineData(new long[] { 0, 1, 1, 4, 2, 3 }, new long[] { 3, 2 }, 3L, 4L, "outside of its shape")]
    [InlineData(new long[] { 1, 4, 4 }, new long[] { 3 }, 3L, 4L, "two values in one place")]
    [InlineData(new long[] { 1, 4 }, new long[] { 2 }, 3L, 4L, "3 values and indices of shape [2]")]
    [InlineData(new long[] { 1, 4 }, new long[] { 3 }, 3L, 4L, "it needs 24")]
    [InlineData(new long[] { 1, 4, 11 }, new long[] { 3 }, int.MaxValue, 4L, "with its zeros")]
    [InlineData(new long[] { 1, 4, 11 }, new long[] { 3 }, -3L, 4L, "impossible shape")]
    [InlineData(new long[] { 1, 4, 11 }, new long[] { 3 }, long.MaxValue, 4L, "impossible shape")]
    public void A_malformed_sparse_tensor_is_refused(long[] indices, long[] indexShape, long rows, long columns, string reason)
    {
        var proto = new GraphBuilder().Input("x", 1, 3).Node("MatMul", ["x", "w"], "y").Output("y", 1, 4).Build().ToProto();
        proto.Graph.SparseInitializer.Add(Sparse(indices, indexShape, rows, columns));

        var failure = Assert.Throws<CompressException>(() => Reloaded(proto));

        Assert.Equal("CMP2006", failure.Diagnostics[0].Code);
        Assert.Contains(reason, failure.Diagnostics[0].Message);
    }

    [Fact]
    public void Of_two_initializers_with_one_name_the_last_counts()
    {
        var proto = new GraphBuilder().Input("x", 1, 2).Constant("w", [1f, 2f]).Constant("w", [3f, 5f]).Node("Mul", ["x", "w"], "y").Output("y").Build().ToProto().Clone();
        proto.Graph.Initializer.Insert(0, Tensor.Of<float>("w", [7f, 7f], 2).Proto);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("m.onnx"), proto.ToByteArray());
        using var model = Model.Load(folder.File("m.onnx"));
        var sample = Samples.For(model);
        using var session = new InferenceSession(folder.File("m.onnx"));
        using var expected = session.Run([NamedOnnxValue.CreateFromTensor("x", new DenseTensor<float>((float[])sample["x"].Values, [1, 2]))]);

        Rewriter.Run(model);

        Assert.Equal(expected[0].AsEnumerable<float>(), Ort.Run(model, sample));
    }

    [Fact]
    public void An_initializer_that_only_a_body_reads_is_seen_there_in_the_oldest_file_format_too()
    {
        // The weight is the body's alone once the normalization is folded: in version 3 the runtime looks for it among the inputs.
        var body = new GraphBuilder().Node("Identity", ["scale"], "t").Output("t").Build().ToProto().Graph;
        var model = new GraphBuilder(irVersion: 3).Input("x", 1, 1, 4, 4).Random("w", 1, 2, 1, 3, 3)
            .Constant("scale", [1f, 2f]).Constant("b", [0f, 1f]).Constant("m", [0f, 1f]).Constant("v", [1f, 2f]).Constant("c", [true], 1)
            .Node("Conv", ["x", "w"], "a").Node("BatchNormalization", ["a", "scale", "b", "m", "v"], "y")
            .Node("If", ["c"], "z", node => node.With("then_branch", body).With("else_branch", body.Clone())).Output("y").Output("z").Build();
        var sample = Samples.For(model);
        var expected = Ort.Run(model.Clone(), sample, "z");

        Rewriter.Run(model);

        Assert.Equal(expected, Ort.Run(model, sample, "z"));
        Assert.DoesNotContain(model.Graph.Nodes, node => node.Is("BatchNormalization"));
    }

    [Fact]
    public void Typed_data_that_does_not_fill_its_shape_is_refused()
    {
        var proto = new GraphBuilder().Input("x", 1).Node("Add", ["x", "w"], "y").Output("y", 1).Build().ToProto();
        proto.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = (int)DataType.Float, Dims = { 3 }, FloatData = { 1, 2 } });

        Assert.Equal("CMP2006", Assert.Throws<CompressException>(() => Reloaded(proto)).Diagnostics[0].Code);
    }

    [Theory]
    [InlineData(11, 13)]
    [InlineData(13, 11)]
    public void Of_two_imports_of_one_operator_set_the_one_counts_that_the_runtime_takes(int first, int last)
    {
        // Softmax over the last axis from 13 on, over all but the first before.
        var proto = new GraphBuilder(opset: first).Input("x", 1, 2, 2).Node("Softmax", ["x"], "y").Output("y", 1, 2, 2).Build().ToProto();
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx", Version = last });
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "nobody.uses.this", Version = 3 });
        var sum = Ort.Run(Model.Of(proto), "x", [1, 2, 3, 4], 1, 2, 2).Sum();

        var model = Reloaded(proto);
        Rewriter.Run(model);

        Assert.Equal(model.Opset >= 13 ? 2 : 1, sum, 1e-4f);
        Assert.Equal(sum, Ort.Run(Reloaded(model.ToProto()), "x", [1, 2, 3, 4], 1, 2, 2).Sum(), 1e-4f);
    }

    [Fact]
    public void Names_of_layers_are_unique_and_may_hold_anything()
    {
        string[] names = ["", "conv", "", "line\nbreak \"quoted\" 'too'", "süß/ /{}[]:#", ""];
        string[] outputs = ["conv", "t1", "t2", "t3", "t4", "conv#2"];
        var builder = new GraphBuilder().Input("x", 1, 4);
        for (var i = 0; i < names.Length; i++)
            builder.Random($"w{i}", 0.5f, 4, 4).Add(Node.Create("MatMul", names[i], [i == 0 ? "x" : outputs[i - 1], $"w{i}"], [outputs[i]]));
        var model = Reloaded(builder.Random("unread", 1, 3).Output("conv#2", 1, 4).Build().ToProto());
        var expected = Ort.Run(model.Clone(), Samples.For(model));

        Rewriter.Run(model);

        var layers = LayerCatalog.List(model.Graph, TensorShapes.None);
        Assert.Equal(["conv", "conv#2", "t2", names[3], names[4], "conv#2#2"], layers.Select(layer => layer.Name));
        Assert.All(layers, layer => Assert.Equal(layer, Assert.Single(layers, other => new Glob(layer.Name).Matches(other.Name))));
        Assert.Null(model.Graph.Initializer("unread"));
        Assert.Equal(expected, Ort.Run(Reloaded(model.ToProto()), Samples.For(model)));
    }

    [Fact]
    public void Constant_nodes_of_every_form_keep_their_values()
    {
        var text = new AttributeProto { Name = "value_string", Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8("one") };
        var texts = new AttributeProto { Name = "value_strings", Type = AttributeProto.Types.AttributeType.Strings, Strings = { ByteString.CopyFromUtf8("one"), ByteString.CopyFromUtf8("two") } };
        var proto = new GraphBuilder(opset: 19).Input("x", 1, 2)
            .Node("Constant", [], "f", node => node.With("value_float", 0.5f)).Node("Constant", [], "fs", node => node.WithFloats("value_floats", 1, 2))
            .Node("Constant", [], "i", node => node.With("value_int", 2L)).Node("Constant", [], "is", node => node.With("value_ints", 1L, 2L))
            .Node("Constant", [], "s").Node("Constant", [], "ss").Node("Equal", ["s", "ss"], "eq").Node("Cast", ["eq"], "eqf", node => node.With("to", 1L))
            .Node("Cast", ["i"], "if", node => node.With("to", 1L)).Node("Reshape", ["x", "is"], "r")
            .Node("Mul", ["r", "if"], "a").Node("Add", ["a", "f"], "b").Node("Mul", ["b", "fs"], "c").Node("Clip", ["c", "", "f"], "d").Node("Add", ["d", "eqf"], "y").Output("y", 1, 2).Build().ToProto();
        proto.Graph.Node[4].Attribute.Add(text);
        proto.Graph.Node[5].Attribute.Add(texts);
        var model = Reloaded(proto);
        var expected = Ort.Run(model.Clone(), "x", [-1, 3], 1, 2);

        Rewriter.Run(model);

        Assert.Equal([-0.5f, 0.5f], expected);
        Assert.Equal(expected, Ort.Run(Reloaded(model.ToProto()), "x", [-1, 3], 1, 2));
        Assert.Equal(["s", "ss"], model.Graph.Nodes.Where(node => node.Is("Constant")).Select(node => node.Output()));
    }

    static SparseTensorProto Sparse(long[] indices, long[] indexShape, params long[] shape)
    {
        var places = new TensorProto { Name = "places", DataType = (int)DataType.Int64, RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes<long>(indices)) };
        places.Dims.AddRange(indexShape);
        return new SparseTensorProto { Values = Tensor.Of<float>("w", [2, 3, 4], 3).Proto, Indices = places, Dims = { shape } };
    }

    static Model Reloaded(ModelProto proto) => Model.Parse(proto.ToByteString(), "m.onnx");
}
