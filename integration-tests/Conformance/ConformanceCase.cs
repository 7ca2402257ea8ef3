using Compress.Models;
using Compress.Onnx;

namespace Compress.IntegrationTests.Conformance;

/// <summary>A model of ONNX's conformance suite with the inputs that come with it.</summary>
/// <param name="Name">Its folder, such as <c>node/test_abs</c>.</param>
/// <param name="ModelPath">The model.</param>
/// <param name="InputFiles">One file for each input, in the graph's order.</param>
sealed record ConformanceCase(string Name, string ModelPath, IReadOnlyList<string> InputFiles)
{
    /// <summary>Where Debian's package libonnx-testdata puts the suite.</summary>
    public const string Folder = "/usr/share/libonnx-testdata/data";

    public static IReadOnlyList<ConformanceCase> All() =>
    [
        .. Directory.EnumerateFiles(Folder, "model.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path =>
        {
            var folder = Path.GetDirectoryName(path)!;
            var data = Path.Combine(folder, "test_data_set_0");
            string[] inputs = Directory.Exists(data) ? Directory.GetFiles(data, "input_*.pb") : [];
            return new ConformanceCase(Path.GetRelativePath(Folder, folder).Replace('\\', '/'), path,
                [.. inputs.OrderBy(file => int.Parse(Path.GetFileNameWithoutExtension(file)["input_".Length..]))]);
        }),
    ];

    /// <summary>Reads the inputs by the names of the model.</summary>
    /// <exception cref="NotSupportedException">An input cannot be fed.</exception>
    public IReadOnlyDictionary<string, OnnxData> ReadInputs(Model model)
    {
        ValueInfoProto[] wanted = [.. model.Graph.Inputs];
        if (wanted.Length != InputFiles.Count)
            throw new NotSupportedException($"{InputFiles.Count} files of inputs for {wanted.Length} inputs");
        return wanted.Zip(InputFiles).ToDictionary(pair => pair.First.Name, pair => OnnxData.Read(pair.First.Type, File.ReadAllBytes(pair.Second)));
    }
}
