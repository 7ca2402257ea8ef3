using Compress.IntegrationTests.Support;

namespace Compress.IntegrationTests;

/// <summary>One project is built again and again: a model is compressed when something that it depends on changed, and only then.</summary>
[Collection(PackagesCollection.Name)]
public sealed class IncrementalBuildTests(IncrementalBuildTests.BuiltProject built) : IClassFixture<IncrementalBuildTests.BuiltProject>
{
    const string Output = "obj/Debug/net10.0/compressed/models/lenet.onnx";
    const string Copied = "bin/Debug/net10.0/models/lenet.onnx";

    readonly TestFolder folder = built.Folder;

    [Fact]
    public async Task Nothing_is_run_again_when_nothing_changed()
    {
        var before = folder.TimeOf(Output);

        var result = (await folder.Rebuild("-v:n")).Succeeded();

        Assert.Equal(0, result.Compressed);
        Assert.Equal(before, folder.TimeOf(Output));
        Assert.Contains("Skipping target \"CompressModels\" because all output files are up-to-date", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models/lenet.onnx")]
    [InlineData("models/compress.yaml")]
    [InlineData("models/data/calibration.idx3-ubyte")]
    [InlineData("models/data/test.idx3-ubyte")]
    [InlineData("models/data/labels.idx1-ubyte")]
    public async Task A_newer_input_is_compressed_again(string input)
    {
        var before = folder.TimeOf(Output);

        Assert.Equal(1, (await folder.Touch(input).Rebuild()).Succeeded().Compressed);

        Assert.True(folder.TimeOf(Output) > before);
        Assert.Equal(folder.TimeOf(Output), folder.TimeOf(Copied));
        Assert.Equal(0, (await folder.Rebuild()).Succeeded().Compressed);
    }

    [Fact]
    public async Task A_deleted_data_file_is_noticed_and_named()
    {
        var path = folder[$"models/{TestPolicies.Int8Data[0]}"];
        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        try
        {
            var result = (await folder.Rebuild()).Failed();
            Assert.Contains("error CMP3001", result.Output, StringComparison.Ordinal);
        }
        finally
        {
            File.WriteAllBytes(path, bytes);
        }

        Assert.Equal(1, (await folder.Rebuild()).Succeeded().Compressed);
    }

    [Fact]
    public async Task A_missing_list_of_inputs_means_run()
    {
        File.Delete(folder[Output + ".inputs"]);

        Assert.Equal(1, (await folder.Rebuild()).Succeeded().Compressed);
    }

    [Fact]
    public async Task Other_settings_are_compressed_again_and_so_is_the_way_back()
    {
        Assert.Equal(1, (await folder.Rebuild("-p:CompressGates=warn")).Succeeded().Compressed);
        Assert.Equal(0, (await folder.Rebuild("-p:CompressGates=warn")).Succeeded().Compressed);

        Assert.Equal(1, (await folder.Rebuild()).Succeeded().Compressed);
    }

    [Fact]
    public async Task Another_policy_in_the_metadata_is_compressed_again()
    {
        folder.Write("models/other.yaml", TestPolicies.Svd);
        folder.Replace("App.csproj", "models/lenet.onnx\"", "models/lenet.onnx\" Policy=\"models/other.yaml\"");
        try
        {
            Assert.Equal(1, (await folder.Rebuild()).Succeeded().Compressed);
        }
        finally
        {
            folder.Replace("App.csproj", " Policy=\"models/other.yaml\"", "");
        }

        Assert.Equal(1, (await folder.Rebuild()).Succeeded().Compressed);
    }

    [Fact]
    public async Task A_failed_gate_fails_the_build_at_its_line_and_leaves_the_output_alone()
    {
        var (output, copied) = (folder.TimeOf(Output), folder.TimeOf(Copied));
        folder.Write("models/compress.yaml", TestPolicies.Svd.Replace("max: 90%", "max: 1%", StringComparison.Ordinal));
        try
        {
            var result = (await folder.Rebuild()).Failed();
            Assert.Contains($"{folder["models/compress.yaml"]}(6,3): error CMP5001: ", result.Output, StringComparison.Ordinal);
            Assert.Equal((output, copied), (folder.TimeOf(Output), folder.TimeOf(Copied)));

            // The failure does not wear off.
            (await folder.Rebuild()).Failed();

            var warned = (await folder.Rebuild("-p:CompressGates=warn")).Succeeded();
            Assert.Contains("(6,3): warning CMP5001: ", warned.Output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Write("models/compress.yaml", TestPolicies.Int8);
        }

        Assert.Equal(1, (await folder.Rebuild()).Succeeded().Compressed);
    }

    [Fact]
    public async Task An_unknown_key_fails_the_build_at_its_line_and_column()
    {
        folder.Write("models/compress.yaml", TestPolicies.Int8.Replace("quantize:", "quantise:", StringComparison.Ordinal));
        try
        {
            var result = (await folder.Rebuild()).Failed();
            Assert.Contains($"{folder["models/compress.yaml"]}(7,5): error CMP1003: ", result.Output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Write("models/compress.yaml", TestPolicies.Int8);
        }

        Assert.Equal(1, (await folder.Rebuild()).Succeeded().Compressed);
    }

    [Fact]
    public async Task Disabled_compression_ships_the_original_and_enabled_again_the_compressed()
    {
        Assert.Equal(0, (await folder.Rebuild("-p:CompressEnabled=false")).Succeeded().Compressed);
        Assert.Equal(File.ReadAllBytes(Repository.LeNet), File.ReadAllBytes(folder[Copied]));

        Assert.Equal(1, (await folder.Rebuild()).Succeeded().Compressed);
        Assert.Equal(File.ReadAllBytes(folder[Output]), File.ReadAllBytes(folder[Copied]));
    }

    [Fact]
    public async Task Clean_removes_everything_that_the_build_made_and_the_next_build_makes_it_again()
    {
        (await folder.Rebuild("-p:CompressReportPath=reports")).Succeeded();
        Assert.True(folder.Has("reports/App/models/lenet.onnx/report.json"));

        (await folder.Run("clean", "-p:CompressReportPath=reports")).Succeeded();

        Assert.False(folder.Has("reports/App/models/lenet.onnx/report.json"));
        Assert.False(folder.Has(Copied));
        Assert.False(Directory.Exists(folder["obj/Debug/net10.0/compressed"]));
        Assert.Equal(1, (await folder.Rebuild()).Succeeded().Compressed);
        Assert.True(folder.Has(Output + ".report/report.json"));
    }

    [Fact]
    public async Task A_design_time_build_never_runs_it()
    {
        folder.Touch("models/lenet.onnx");

        var design = (await folder.Run("msbuild", "-t:Compile", "-p:DesignTimeBuild=true", "-p:SkipCompilerExecution=true", "-p:ProvideCommandLineArgs=true", "-v:m")).Succeeded();

        Assert.Equal(0, design.Compressed);
        Assert.Equal(1, (await folder.Rebuild()).Succeeded().Compressed);
    }

    [Fact]
    public async Task Visual_Studio_learns_the_inputs_and_outputs()
    {
        var result = (await folder.Run(
            "msbuild", "-p:DesignTimeBuild=true", "-t:_AddCompressUpToDateChecks", "-getItem:UpToDateCheckInput", "-getItem:UpToDateCheckBuilt")).Succeeded();

        foreach (var file in (string[])["models/lenet.onnx", "compressed/models/lenet.onnx", "compress.yaml", .. TestPolicies.Int8Data.Select(path => Path.GetFileName(path))])
            Assert.Contains(file, result.Output, StringComparison.Ordinal);
    }

    /// <summary>A library with one model, its policy beside it, and three data files; built once.</summary>
    public sealed class BuiltProject(Packages packages) : IAsyncLifetime
    {
        internal TestFolder Folder { get; } = packages.NewFolder();

        public async Task InitializeAsync()
        {
            Folder.Library("App.csproj", """<CompressModel Include="models/lenet.onnx" />""")
                .Copy(Repository.LeNet, "models/lenet.onnx").Write("models/compress.yaml", TestPolicies.Int8).WithInt8Data("models");
            Assert.Equal(1, (await Folder.Build()).Succeeded().Compressed);
            Assert.Equal(File.ReadAllBytes(Folder[Output]), File.ReadAllBytes(Folder[Copied]));
        }

        public Task DisposeAsync() => Task.CompletedTask;
    }
}
