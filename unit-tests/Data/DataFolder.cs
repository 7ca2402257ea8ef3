using Compress.Data;
using Compress.Diagnostics;
using Compress.Policies;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.UnitTests.Data;

/// <summary>A folder of data files beside a policy that names them at line 5.</summary>
sealed class DataFolder : IDisposable
{
    readonly string path = Directory.CreateTempSubdirectory("compress-data-").FullName;

    public DiagnosticBag Diagnostics { get; } = [];

    public static ModelInput Input(string name, DataType type, params int?[] dimensions) =>
        new(name, type, dimensions, [.. dimensions.Select((_, axis) => axis == 0 ? "batch" : "")]);

    public static ModelInput Input(params int?[] dimensions) => Input("x", DataType.Float, dimensions);

    public static DataSource Source(DataFormat format, string? labels = null) => new(format, new SourcePosition("compress.yaml", 5, 3))
    {
        File = format == DataFormat.Random ? null : At("samples"),
        Labels = labels is null ? null : At(labels),
    };

    public static Located<string> At(string file) => new(file, new SourcePosition("compress.yaml", 5, 20));

    public DataFolder With(string name, byte[] content)
    {
        File.WriteAllBytes(PathOf(name), content);
        return this;
    }

    public string PathOf(string name) => Path.Combine(path, name);

    public DataSet Open(DataSource source, params ModelInput[] inputs) =>
        DataSets.Open(source, PathOf, inputs, seed: 0, Diagnostics);

    public DataSet Open(DataFormat format, byte[] content, params ModelInput[] inputs) => With("samples", content).Open(Source(format), inputs);

    /// <summary>All samples as one batch of floats.</summary>
    public DataTensor Read(DataFormat format, byte[] content, params ModelInput[] inputs)
    {
        using var data = Open(format, content, inputs);
        return data.Read(0, data.Count)[inputs[0].Name];
    }

    /// <summary>The message of the error that opening ends with; it must have the code given and stand in the policy.</summary>
    public string Fails(string code, DataSource source, params ModelInput[] inputs)
    {
        var diagnostic = Assert.Single(Assert.Throws<CompressException>(() => Open(source, inputs)).Diagnostics);
        Assert.Equal((code, "compress.yaml", 5), (diagnostic.Code, diagnostic.Position?.File, diagnostic.Position?.Line));
        return diagnostic.Message;
    }

    public string Fails(string code, DataFormat format, byte[] content, params ModelInput[] inputs) =>
        With("samples", content).Fails(code, Source(format), inputs);

    public void Dispose() => Directory.Delete(path, recursive: true);
}
