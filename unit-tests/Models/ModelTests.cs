using Compress.Diagnostics;
using Compress.Models;
using Compress.Onnx;
using Compress.UnitTests.Support;
using Google.Protobuf;

namespace Compress.UnitTests.Models;

public class ModelTests
{
    [Fact]
    public void A_model_survives_saving_and_loading_byte_for_byte()
    {
        using var folder = new TemporaryFolder();
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "y", 3, 4).Output("y").Build();

        model.Save(folder.File("m.onnx"));

        Assert.Equal(model.ToBytes(), Model.Load(folder.File("m.onnx")).ToBytes());
        Assert.Equal(["m.onnx"], folder.Names());
    }

    [Fact]
    public void A_failed_save_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("m.onnx"), "old");

        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(folder.File("m.onnx"), stream =>
        {
            stream.WriteByte(1);
            throw new InvalidOperationException();
        }));

        Assert.Equal("old", File.ReadAllText(folder.File("m.onnx")));
        Assert.Equal(["m.onnx"], folder.Names());
    }

    [Fact]
    public void What_a_killed_process_left_is_removed_by_the_next_save()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File($".m.onnx.{int.MaxValue}.{Guid.NewGuid():N}.tmp"), "half");

        AtomicFile.Write(folder.File("m.onnx"), stream => stream.WriteByte(1));

        Assert.Equal(["m.onnx"], folder.Names());
    }

    [Fact]
    public void Saving_where_a_folder_stands_is_a_diagnostic()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("m.onnx"));

        var failure = Assert.Throws<CompressException>(() => AtomicFile.Write(folder.File("m.onnx"), _ => { }));

        Assert.Equal("CMP6001", Assert.Single(failure.Diagnostics).Code);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 1, 2, 3, 4 })]
    [InlineData(new byte[] { 0x50, 0x4b, 3, 4, 0, 0, 0, 0 })]
    public void What_is_no_model_is_refused(byte[] bytes) => Refused("CMP2002", bytes);

    [Fact]
    public void Every_truncation_of_a_model_is_refused_or_a_model()
    {
        var bytes = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "y", 3, 4).Output("y").Build().ToBytes();
        var refused = 0;
        for (var length = 0; length < bytes.Length; length++)
        {
            try
            {
                Model.Parse(ByteString.CopyFrom(bytes, 0, length), "m.onnx");
            }
            catch (CompressException)
            {
                refused++;
            }
        }

        Assert.True(refused > bytes.Length * 9 / 10, $"{refused} of {bytes.Length}");
    }

    [Fact]
    public void A_tensor_whose_data_does_not_fill_its_shape_is_refused()
    {
        var proto = new GraphBuilder().Input("x", 1).Constant("w", [1f, 2f], 2).Node("Add", ["x", "w"], "y").Output("y").Build().ToProto();
        proto.Graph.Initializer[0].Dims[0] = 3;

        var message = Refused("CMP2006", proto.ToByteArray());

        Assert.Contains("'w' of shape [3] and type Float holds 8 bytes; it needs 12", message);
    }

    [Theory]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(-1, 2)]
    [InlineData(1L << 40, 1L << 40)]
    public void Impossible_shapes_are_refused(long first, long second)
    {
        var proto = new GraphBuilder().Input("x", 1).Constant("w", [1f, 2f], 2, 1).Node("Add", ["x", "w"], "y").Output("y").Build().ToProto();
        proto.Graph.Initializer[0].Dims[0] = first;
        proto.Graph.Initializer[0].Dims[1] = second;

        Refused("CMP2006", proto.ToByteArray());
    }

    [Fact]
    public void Two_makers_of_one_tensor_are_refused()
    {
        var proto = new GraphBuilder().Input("x", 1).Node("Relu", ["x"], "y").Node("Abs", ["x"], "y").Output("y").Build().ToProto();

        Assert.Contains("'y'", Refused("CMP2007", proto.ToByteArray()));
    }

    [Fact]
    public void A_tensor_whose_typed_field_does_not_fill_its_shape_is_refused()
    {
        var proto = Doubling().ToProto();
        proto.Graph.Initializer[0].ClearRawData();
        proto.Graph.Initializer[0].FloatData.Add(1);

        Assert.Contains("'w' of shape [2] and type Float holds 1 numbers in the field of its type; it needs 2", Refused("CMP2006", proto.ToByteArray()));
    }

    [Theory]
    [InlineData(TensorProto.Types.DataType.Complex64, 2)]
    [InlineData(TensorProto.Types.DataType.Int4, 3)]
    public void Numbers_that_share_entries_or_take_two_are_counted_as_ONNX_does(TensorProto.Types.DataType type, int size)
    {
        var proto = Doubling().ToProto();
        var tensor = new TensorProto { Name = "t", DataType = (int)type, Dims = { size } };
        tensor.FloatData.AddRange(type == TensorProto.Types.DataType.Complex64 ? [1, 2, 3, 4] : []);
        tensor.Int32Data.AddRange(type == TensorProto.Types.DataType.Int4 ? [0x21, 0x03] : []);
        proto.Graph.Initializer.Add(tensor);

        Assert.NotNull(Model.Parse(proto.ToByteString(), "m.onnx").Graph.Initializer("t"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_sparse_initializer_without_values_or_indices_is_refused(bool hasValues)
    {
        var proto = Doubling().ToProto();
        proto.Graph.SparseInitializer.Add(hasValues
            ? new SparseTensorProto { Values = Tensor.Of<float>("s", [1], 1).Proto } : new SparseTensorProto { Indices = Tensor.Of<long>("s", [1], 1).Proto });

        Assert.Contains(hasValues ? "'s' has no indices" : "has no values", Refused("CMP2006", proto.ToByteArray()));
    }

    [Fact]
    public void Bodies_and_functions_are_looked_at_as_the_graph_is()
    {
        var body = Doubling().ToProto().Graph;
        body.Initializer[0].Dims[0] = 3;
        var proto = Doubling().ToProto();
        proto.Graph.Node.Add(Node.Create("If", "if", ["w"], ["z"]).With("then_branch", body).Proto);
        Assert.Contains("it needs 12", Refused("CMP2006", proto.ToByteArray()));

        body.Initializer.Clear();
        body.SparseInitializer.Add(new SparseTensorProto());
        Assert.Contains("has no values", Refused("CMP2006", proto.ToByteArray()));

        body.SparseInitializer.Clear();
        body.Node.Add(body.Node[0].Clone());
        Assert.Contains("'y' is made by more than one node", Refused("CMP2007", proto.ToByteArray()));

        proto.Graph.Node.RemoveAt(1);
        proto.Functions.Add(new FunctionProto { Name = "F", Node = { new NodeProto { Name = "nothing" } } });
        Assert.Contains("node 'nothing' names no operator", Refused("CMP2007", proto.ToByteArray()));
        proto.Graph.Output.Clear();
        Assert.Contains("the graph has no output", Refused("CMP2007", proto.ToByteArray()));
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(13, true)]
    [InlineData(14, false)]
    public void Outputs_of_a_normalization_that_end_the_runtime_are_refused(int opset, bool isRefused)
    {
        var proto = Doubling().ToProto();
        proto.OpsetImport[0].Version = opset;
        proto.Graph.Node.Add(Node.Create("BatchNormalization", "bn", ["x", "w", "w", "w", "w"], ["z", "", "", "", ""]).Proto);

        if (isRefused)
            Assert.Contains($"BatchNormalization 'bn' lists outputs without names", Refused("CMP2007", proto.ToByteArray()));
        else
            Assert.NotNull(Model.Parse(proto.ToByteString(), "m.onnx"));
    }

    [Fact]
    public void A_missing_file_is_a_diagnostic()
    {
        var failure = Assert.Throws<CompressException>(() => Model.Load("/no/such/model.onnx"));

        Assert.Equal("CMP2001", Assert.Single(failure.Diagnostics).Code);
    }

    [Fact]
    public void Typed_fields_read_like_raw_data()
    {
        var proto = new TensorProto { Name = "t", DataType = (int)TensorProto.Types.DataType.Int8, Dims = { 3 }, Int32Data = { -1, 0, 127 } };
        var model = new ModelProto { Graph = new GraphProto { Initializer = { proto }, Node = { new NodeProto { OpType = "Relu", Input = { "t" }, Output = { "y" } } } } };

        Assert.Equal([-1, 0, 127], Model.Of(model).Graph.Initializer("t")!.Values<sbyte>().ToArray());
    }

    static Model Doubling() => new GraphBuilder().Input("x", 2).Constant("w", [1f, 2f], 2).Node("Add", ["x", "w"], "y").Output("y").Build();

    static string Refused(string code, byte[] bytes)
    {
        var failure = Assert.Throws<CompressException>(() => Model.Parse(ByteString.CopyFrom(bytes), "m.onnx"));
        var diagnostic = Assert.Single(failure.Diagnostics);
        Assert.Equal(code, diagnostic.Code);
        return diagnostic.Message;
    }
}
