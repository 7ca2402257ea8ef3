using Compress.Diagnostics;
using Compress.Execution;
using Compress.Models;
using Compress.Onnx;
using Compress.UnitTests.Support;
using Google.Protobuf;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.UnitTests.Models;

public sealed class ExternalDataTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void External_weights_are_read_where_they_lie()
    {
        var inline = Small();
        ExternalModel.Write(inline, folder.File("m.onnx"));

        using var model = Model.Load(folder.File("m.onnx"));

        Assert.Equal([folder.File("weights.bin")], model.DataFiles);
        Assert.Equal(new FileInfo(folder.File("m.onnx")).Length + new FileInfo(folder.File("weights.bin")).Length, model.FileBytes);
        var weight = model.Graph.Initializer("a.weight")!;
        Assert.True(weight.IsMapped);
        Assert.Equal(inline.Graph.Initializer("a.weight")!.Floats(), weight.Floats());
        Assert.Equal(inline.ToBytes(), model.ToBytes());
    }

    [Fact]
    public void Constants_and_bodies_have_external_data_too()
    {
        var inline = WithBody();
        ExternalModel.Write(inline, folder.File("m.onnx"));

        using var model = Model.Load(folder.File("m.onnx"));

        Assert.Equal(inline.ToBytes(), model.ToBytes());
        Assert.True(model.Graph.Nodes[0].TensorAttribute("value")!.IsMapped);
        Assert.True(new Tensor(model.Graph.Nodes.Single(node => node.Is("If")).Subgraphs().First().Node[0].Attribute[0].T).IsMapped);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_runtime_gives_the_same_for_a_model_read_edited_and_saved(bool optimize)
    {
        var inline = Small();
        ExternalModel.Write(inline, folder.File("m.onnx"));
        using var model = Model.Load(folder.File("m.onnx"));
        foreach (var each in (Model[])[inline, model])
        {
            var gemm = each.Graph.Nodes.First(node => node.Is("Gemm"));
            var weight = each.Graph.Initializer("g.weight")!;
            each.Graph.SetConstant(gemm, 1, Tensor.Of<float>("g.weight", [.. weight.Floats().ToArray().Select(value => value * 2)], weight.Shape));
        }

        Assert.True(model.Graph.Initializer("g.weight")!.IsMapped);
        var expected = Ort.Run(inline, Samples.For(inline), optimize: optimize);

        Assert.Equal(expected, Ort.Run(model, Samples.For(inline), optimize: optimize));
        model.Save(folder.File("saved.onnx"));
        using var session = Session.Open(folder.File("saved.onnx"), new SessionSettings(1, optimize));
        using var result = session.Run(Samples.For(inline));
        Assert.Equal(expected, result.Floats("y"));
        using var saved = Model.Load(folder.File("saved.onnx"));
        Assert.Equal(inline.ToBytes(), saved.ToBytes());
    }

    [Fact]
    public void Bodies_and_constants_run_from_a_saved_data_file()
    {
        var inline = WithBody();
        ExternalModel.Write(inline, folder.File("m.onnx"));
        using var model = Model.Load(folder.File("m.onnx"));

        model.Save(folder.File("saved.onnx"));

        var expected = Ort.Run(inline, Samples.For(inline));
        using var session = Session.Open(folder.File("saved.onnx"), new SessionSettings(1));
        using var result = session.Run(Samples.For(inline));
        Assert.Equal(expected, result.Floats("y"));
        Assert.Equal(expected, Ort.Run(model, Samples.For(inline)));
    }

    [Fact]
    public void Large_tensors_start_at_pages_and_small_ones_stay_in_the_model()
    {
        ExternalModel.Write(Small(), folder.File("m.onnx"));
        using var model = Model.Load(folder.File("m.onnx"));

        model.Save(folder.File("saved.onnx"));

        var data = Assert.Single(folder.Names(), name => name.StartsWith("saved.onnx.", StringComparison.Ordinal));
        var saved = ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder.File("saved.onnx")));
        foreach (var tensor in saved.Graph.Initializer)
        {
            var bytes = new Tensor(tensor).Bytes;
            Assert.Equal(bytes >= 1024, tensor.DataLocation == DataLocation.External);
            var entries = tensor.ExternalData.ToDictionary(entry => entry.Key, entry => entry.Value);
            if (bytes < 1024)
                continue;
            Assert.Equal((data, $"{bytes}"), (entries["location"], entries["length"]));
            Assert.Equal(0, long.Parse(entries["offset"]) % (bytes >= 1 << 20 ? 4096 : 64));
        }
    }

    [Fact]
    public void The_data_file_of_an_older_output_goes_with_it()
    {
        ExternalModel.Write(Small(), folder.File("m.onnx"));
        using var model = Model.Load(folder.File("m.onnx"));
        model.Save(folder.File("saved.onnx"));
        var first = folder.Names();
        model.Save(folder.File("saved.onnx"));
        Assert.Equal(first, folder.Names());

        var gemm = model.Graph.Nodes.First(node => node.Is("Gemm"));
        model.Graph.SetConstant(gemm, 1, Tensor.Of<float>("g.weight", new float[40 * 8192], 40, 8192));
        model.Save(folder.File("saved.onnx"));

        Assert.Equal(first.Length, folder.Names().Length);
        Assert.NotEqual(first, folder.Names());
        Small().Save(folder.File("saved.onnx"));
        Assert.Equal(["m.onnx", "saved.onnx", "weights.bin"], folder.Names());
    }

    [Fact]
    public void A_pending_model_can_be_run_kept_elsewhere_or_dropped()
    {
        ExternalModel.Write(Small(), folder.File("m.onnx"));
        using var model = Model.Load(folder.File("m.onnx"));
        var before = folder.Names();
        using (var pending = model.BeginSave(folder.File("saved.onnx")))
            Session.Open(pending.TemporaryPath, new SessionSettings(1)).Dispose();
        Assert.Equal(before, folder.Names());

        using (var pending = model.BeginSave(folder.File("saved.onnx")))
            pending.CommitAs(folder.File("kept.onnx"));
        using (var kept = Model.Load(folder.File("kept.onnx")))
            Assert.Equal(model.ToBytes(), kept.ToBytes());
        model.Save(folder.File("saved.onnx"));
        Session.Open(folder.File("kept.onnx"), new SessionSettings(1)).Dispose();

        PendingModel.Delete(folder.File("kept.onnx"));
        PendingModel.Delete(folder.File("saved.onnx"));
        Assert.Equal(before, folder.Names());
    }

    [Fact]
    public void Writers_at_the_same_time_leave_one_whole_pair()
    {
        ExternalModel.Write(Small(), folder.File("m.onnx"));
        Parallel.For(0, 24, i =>
        {
            using var model = Model.Load(folder.File("m.onnx"));
            var gemm = model.Graph.Nodes.First(node => node.Is("Gemm"));
            var values = new float[40 * 8192];
            Array.Fill(values, i % 5);
            model.Graph.SetConstant(gemm, 1, Tensor.Of<float>("g.weight", values, 40, 8192));
            model.Save(folder.File("saved.onnx"));
            using var current = Model.Load(folder.File("saved.onnx"));
        });

        Assert.Equal(4, folder.Names().Length);
        using var saved = Model.Load(folder.File("saved.onnx"));
        var weight = saved.Graph.Initializer("g.weight")!.Floats().ToArray();
        Assert.All(weight, value => Assert.Equal(weight[0], value));
    }

    [Fact]
    public void What_a_killed_writer_left_goes_with_the_next_write()
    {
        ExternalModel.Write(Small(), folder.File("m.onnx"));
        using var model = Model.Load(folder.File("m.onnx"));
        model.Save(folder.File("saved.onnx"));
        var names = folder.Names();
        File.WriteAllText(folder.File("saved.onnx.0123456789abcdef.data"), "orphan");
        File.WriteAllText(folder.File(".saved.onnx.lock"), "");
        var abandoned = Directory.CreateDirectory(folder.File($".saved.onnx.{int.MaxValue}.{Guid.NewGuid():N}.tmp")).FullName;
        File.WriteAllText(Path.Combine(abandoned, "data"), "half");

        model.Save(folder.File("saved.onnx"));

        Assert.Equal(names, folder.Names());
    }

    [Fact]
    public void Disposing_of_a_model_closes_its_files()
    {
        ExternalModel.Write(Small(), folder.File("m.onnx"));
        var model = Model.Load(folder.File("m.onnx"));
        var weight = model.Graph.Initializer("a.weight")!;
        model.Clone().Dispose();
        Assert.NotEqual(0, weight.Floats()[0]);

        model.Dispose();

        Assert.Throws<ObjectDisposedException>(() => weight.Floats()[0]);
    }

    [Theory]
    [InlineData("", "names no file")]
    [InlineData("/etc/passwd", "is an absolute path")]
    [InlineData("C:\\weights.bin", "is an absolute path")]
    [InlineData("\\\\server\\share\\weights.bin", "is an absolute path")]
    [InlineData("../weights.bin", "leaves the model's folder")]
    [InlineData("sub/../../weights.bin", "leaves the model's folder")]
    [InlineData(".", "leaves the model's folder")]
    [InlineData("sub", "is a folder")]
    [InlineData("none.bin", "does not exist; it is looked for at")]
    public void A_location_that_names_no_file_in_the_models_folder_is_refused(string location, string message)
    {
        Directory.CreateDirectory(folder.File("sub"));
        Assert.Contains(message, Refused(("location", location)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("offset", "-1", "with offset '-1', which is no whole number")]
    [InlineData("offset", "1e3", "with offset '1e3', which is no whole number")]
    [InlineData("offset", "99999999999999999999", "which is no whole number from 0 to 9223372036854775807")]
    [InlineData("offset", "9223372036854775807", "which holds 64 bytes, but 16 bytes at offset 9223372036854775807 are needed")]
    [InlineData("offset", "49", "which holds 64 bytes, but 16 bytes at offset 49 are needed")]
    [InlineData("length", "15", "with length 15, but shape [4] and type Float take 16 bytes")]
    [InlineData("length", "-16", "with length '-16', which is no whole number")]
    public void An_offset_or_a_length_that_does_not_fit_is_refused(string key, string value, string message)
    {
        File.WriteAllBytes(folder.File("data"), new byte[64]);
        Assert.Contains(message, Refused(("location", "data"), (key, value)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_offset_need_not_be_aligned_and_a_length_need_not_be_given()
    {
        File.WriteAllBytes(folder.File("data"), [0, 0, 0, .. BitConverter.GetBytes(1.5f), .. new byte[12]]);
        using var model = Load(("location", "data"), ("offset", "3"));
        Assert.Equal([1.5f, 0, 0, 0], model.Graph.Initializer("w")!.Floats());
    }

    [Fact]
    public void Symbolic_links_may_lead_within_the_models_folder_only()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var outside = new TemporaryFolder();
        File.WriteAllBytes(outside.File("data"), new byte[16]);
        File.WriteAllBytes(folder.File("data"), new byte[16]);
        File.CreateSymbolicLink(folder.File("good"), "data");
        File.CreateSymbolicLink(folder.File("bad"), outside.File("data"));
        Directory.CreateSymbolicLink(folder.File("sub"), outside.Path);
        File.CreateSymbolicLink(folder.File("chain"), "bad");
        File.CreateSymbolicLink(folder.File("loop"), "loop");

        Load(("location", "good")).Dispose();
        foreach (var location in (string[])["bad", "chain", "sub/data"])
            Assert.Contains($"'{location}', which is reached over a symbolic link to '{outside.File("data")}'", Refused(("location", location)), StringComparison.Ordinal);
        Assert.Contains("too many symbolic links", Refused(("location", "loop")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_may_itself_be_reached_over_a_link()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var elsewhere = new TemporaryFolder();
        ExternalModel.Write(Small(), folder.File("m.onnx"));
        Directory.CreateSymbolicLink(elsewhere.File("link"), folder.Path);
        using var model = Model.Load(Path.Combine(elsewhere.File("link"), "m.onnx"));
        Assert.NotEmpty(model.DataFiles);
    }

    [Fact]
    public void Strings_and_unknown_types_cannot_lie_outside()
    {
        File.WriteAllBytes(folder.File("data"), new byte[64]);
        var proto = Referring(("location", "data"));
        proto.Graph.Initializer[0].DataType = (int)DataType.String;
        Assert.Contains("strings cannot lie outside", Refused(proto), StringComparison.Ordinal);
        proto.Graph.Initializer[0].DataType = 99;
        Assert.Equal("CMP2006", Code(proto));
        proto.Graph.Initializer[0].DataType = (int)DataType.Float;
        proto.Graph.Initializer[0].Dims[0] = 1L << 30;
        Assert.Contains("take 4294967296 bytes; one tensor may take at most", Refused(proto), StringComparison.Ordinal);
    }

    [Fact]
    public void The_message_names_the_node_of_an_attribute()
    {
        var proto = WithBody().ToProto();
        ExternalModel.Refer(proto.Graph.Node[0].Attribute[0].T, ("location", "gone"));
        Assert.Contains("attribute 'value' of Constant '/c' lies in 'gone', which does not exist", Refused(proto), StringComparison.Ordinal);
    }

    string Refused(params (string, string)[] entries) => Refused(Referring(entries));

    string Refused(ModelProto proto)
    {
        var failure = Assert.Throws<CompressException>(() => Model.Parse(proto.ToByteString(), folder.File("m.onnx")));
        var diagnostic = Assert.Single(failure.Diagnostics);
        Assert.Equal("CMP2005", diagnostic.Code);
        return diagnostic.Message;
    }

    string Code(ModelProto proto) =>
        Assert.Throws<CompressException>(() => Model.Parse(proto.ToByteString(), folder.File("m.onnx"))).Diagnostics[0].Code;

    Model Load(params (string, string)[] entries) => Model.Parse(Referring(entries).ToByteString(), folder.File("m.onnx"));

    static ModelProto Referring(params (string, string)[] entries)
    {
        var proto = new GraphBuilder().Input("x", 4).Constant("w", new float[4]).Node("Add", ["x", "w"], "y").Output("y").Build().ToProto();
        proto.Graph.Initializer[0].ClearRawData();
        ExternalModel.Refer(proto.Graph.Initializer[0], entries);
        return proto;
    }

    /// <summary>A weight over 1 MB, some of a few KB, and biases below 1 KB.</summary>
    static Model Small() => new GraphBuilder().Input("x", 1, 8, 32, 32).Conv("x", "a", 8, 8).Node("Flatten", ["a"], "f").Gemm("f", "g", 8192, 40)
        .Gemm("g", "y", 40, 10).Output("y").Build();

    static Model WithBody()
    {
        var random = new GraphBuilder();
        var proto = random.Input("x", 1, 300)
            .Node("Constant", [], "c", node => node.With("value", Tensor.Of<float>("", random.Normal(300), 1, 300)))
            .Constant("zero", [0f]).Node("Add", ["x", "c"], "s").Node("ReduceSum", ["s"], "r", node => node.With("keepdims", 0))
            .Node("Greater", ["r", "zero"], "g").Node("If", ["g"], "y").Output("y").Build().ToProto();
        foreach (var branch in (string[])["then_branch", "else_branch"])
        {
            var body = new GraphBuilder().Node("Constant", [], "k", node => node.With("value", Tensor.Of<float>("", random.Normal(300), 1, 300)))
                .Random("w", 1, 1, 300).Node("Mul", ["k", "w"], "m").Node("Add", ["m", "s"], branch).Output(branch).Build().ToProto().Graph;
            proto.Graph.Node[^1].Attribute.Add(new AttributeProto { Name = branch, Type = AttributeProto.Types.AttributeType.Graph, G = body });
        }

        return Model.Of(proto);
    }
}
