using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Compress.IntegrationTests.Support;

namespace Compress.IntegrationTests;

/// <summary>Where compressed models land.</summary>
[Collection(PackagesCollection.Name)]
public sealed class PlacementTests(Packages packages)
{
    const string Bin = "bin/Debug/net10.0/";

    readonly TestFolder folder = packages.NewFolder();

    [Fact]
    public async Task Models_of_one_name_from_inside_and_outside_of_the_project_each_have_their_place()
    {
        folder.Library("app/App.csproj", """
            <CompressModel Include="a/lenet.onnx" Policy="policy.yaml" />
            <CompressModel Include="b/lenet.onnx" Policy="policy.yaml" />
            <CompressModel Include="../shared/lenet.onnx" Policy="policy.yaml" />
            <CompressModel Include="../shared/lenet.onnx" Policy="policy.yaml" Link="linked/lenet.onnx" />
            <CompressModel Include="a/lenet.onnx" Policy="policy.yaml" TargetPath="placed/small.onnx" />
            """)
            .Write("app/policy.yaml", TestPolicies.Svd);
        foreach (var model in (string[])["app/a/lenet.onnx", "app/b/lenet.onnx", "shared/lenet.onnx"])
            folder.Copy(Repository.LeNet, model);

        Assert.Equal(5, (await folder.Build("app")).Succeeded().Compressed);
        foreach (var place in (string[])["a/lenet.onnx", "b/lenet.onnx", "lenet.onnx", "linked/lenet.onnx", "placed/small.onnx"])
            Assert.True(folder.Has($"app/{Bin}{place}"), place);

        Assert.Equal(1, (await folder.Touch("app/b/lenet.onnx").Rebuild("app")).Succeeded().Compressed);

        folder.Replace("app/App.csproj", """<CompressModel Include="b/lenet.onnx" Policy="policy.yaml" />""", "");
        Assert.Equal(0, (await folder.Rebuild("app")).Succeeded().Compressed);
        Assert.False(folder.Has($"app/{Bin}b/lenet.onnx"));
        Assert.False(folder.Has("app/obj/Debug/net10.0/compressed/b/lenet.onnx"));
        Assert.True(folder.Has($"app/{Bin}a/lenet.onnx"));

        folder.Write("app/App.csproj", File.ReadAllText(folder["app/App.csproj"]).Replace("TargetPath=\"placed/small.onnx\"", "", StringComparison.Ordinal));
        Assert.Contains("would both land at 'a", (await folder.Rebuild("app")).Failed().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task External_data_lands_beside_its_model_and_is_an_input()
    {
        folder.Library("Lib.csproj", """<CompressModel Include="models/m.onnx" />""")
            .Write("models/compress.yaml", "version: 1\nlayers: [{ match: '*', quantize: { activations: none } }]\n");
        MadeUpModel.Write(folder["models/m.onnx"], matrices: 2, width: 64, external: true);

        Assert.Equal(1, (await folder.Build()).Succeeded().Compressed);
        var first = Assert.Single(Directory.GetFiles(folder[Bin + "models"], "m.onnx.*.data"));
        (await Tool.Run(folder.Path, "inspect", Bin + "models/m.onnx")).Succeeded();
        Assert.Equal(0, (await folder.Rebuild()).Succeeded().Compressed);

        MadeUpModel.Write(folder["models/m.onnx"], matrices: 3, width: 64, external: true);
        File.SetLastWriteTimeUtc(folder["models/m.onnx"], DateTime.UtcNow.AddDays(-1));
        Assert.Equal(1, (await folder.Rebuild()).Succeeded().Compressed);
        Assert.NotEqual(first, Assert.Single(Directory.GetFiles(folder[Bin + "models"], "m.onnx.*.data")));
        (await Tool.Run(folder.Path, "inspect", Bin + "models/m.onnx")).Succeeded();
    }

    [Theory]
    [InlineData("with space", "modèle légère.onnx")]
    [InlineData("日本; 100%", "モデル (1)'s;x.onnx")]
    public async Task Paths_may_hold_any_character(string project, string model)
    {
        var include = model.Replace("%", "%25", StringComparison.Ordinal).Replace(";", "%3B", StringComparison.Ordinal);
        folder.Library($"{project}/App.csproj", $"""<CompressModel Include="models/{include}" />""")
            .Copy(Repository.LeNet, $"{project}/models/{model}").Write($"{project}/models/compress.yaml", TestPolicies.Int8).WithInt8Data($"{project}/models");

        var app = folder[project];
        Assert.Equal(1, (await DotNet.Run(app, "build", "-nodeReuse:false", "-tl:off")).Succeeded().Compressed);
        Assert.True(folder.Has($"{project}/{Bin}models/{model}"));
        Assert.Equal(0, (await DotNet.Run(app, "build", "--no-restore", "-nodeReuse:false", "-tl:off")).Succeeded().Compressed);

        folder.Touch($"{project}/models/{TestPolicies.Int8Data[0]}").Write($"{project}/models/compress.yaml", TestPolicies.Int8.Replace("quantize", "quantise", StringComparison.Ordinal));
        var failed = (await DotNet.Run(app, "build", "--no-restore", "-nodeReuse:false", "-tl:off")).Failed();
        Assert.Contains($"{folder[$"{project}/models/compress.yaml"]}(7,5): error CMP1003", failed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_target_framework_has_its_own_output()
    {
        folder.Library(
            "Lib.csproj", """<CompressModel Include="lenet.onnx" />""", "<CompressReportPath>reports</CompressReportPath>", "net10.0;netstandard2.0")
            .Copy(Repository.LeNet, "lenet.onnx").Write("compress.yaml", TestPolicies.Svd);

        Assert.Equal(2, (await folder.Build()).Succeeded().Compressed);

        foreach (var framework in (string[])["net10.0", "netstandard2.0"])
        {
            Assert.True(folder.Has($"bin/Debug/{framework}/lenet.onnx"));
            Assert.True(folder.Has($"reports/Lib/{framework}/lenet.onnx/report.json"));
        }

        Assert.Equal(0, (await folder.Rebuild()).Succeeded().Compressed);
        (await folder.Run("clean")).Succeeded();
        Assert.False(folder.Has("reports/Lib/net10.0/lenet.onnx/report.json"));
        Assert.False(folder.Has("bin/Debug/netstandard2.0/lenet.onnx"));
    }

    [Fact]
    public async Task A_model_may_be_embedded_in_the_assembly()
    {
        folder.Library("Lib.csproj", """
            <CompressModel Include="models/lenet.onnx" AsEmbeddedResource="true" />
            <CompressModel Include="models/lenet.fr.onnx" AsEmbeddedResource="true" LogicalName="second" />
            """)
            .Copy(Repository.LeNet, "models/lenet.onnx").Copy(Repository.LeNet, "models/lenet.fr.onnx").Write("models/compress.yaml", TestPolicies.Svd);

        (await folder.Build()).Succeeded();

        using var file = File.OpenRead(folder[$"{Bin}Lib.dll"]);
        using var assembly = new PEReader(file);
        var metadata = assembly.GetMetadataReader();
        var names = metadata.ManifestResources.Select(handle => metadata.GetString(metadata.GetManifestResource(handle).Name));
        Assert.Equal(["Lib.models.lenet.onnx", "second"], names.Order());
        Assert.True(file.Length > folder.Length("obj/Debug/net10.0/compressed/models/lenet.onnx"));
        Assert.False(folder.Has($"{Bin}models/lenet.onnx"));
    }

    [Fact]
    public async Task A_content_item_of_the_original_gives_way_and_another_file_at_the_same_place_is_an_error()
    {
        folder.Library("Lib.csproj", """
            <CompressModel Include="lenet.onnx" />
            <Content Include="lenet.onnx" CopyToOutputDirectory="Always" />
            """)
            .Copy(Repository.LeNet, "lenet.onnx").Write("compress.yaml", TestPolicies.Svd);
        (await folder.Build()).Succeeded();
        Assert.Equal(File.ReadAllBytes(folder["obj/Debug/net10.0/compressed/lenet.onnx"]), File.ReadAllBytes(folder[$"{Bin}lenet.onnx"]));

        folder.Copy(Repository.ResNet, "other.onnx").Replace("Lib.csproj", "Content Include=\"lenet.onnx\"", "None Include=\"other.onnx\" Link=\"lenet.onnx\"");
        Assert.Contains("error CMP6007: 'other.onnx' and the compressed", (await folder.Rebuild()).Failed().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_model_and_a_missing_policy_are_told_before_anything_runs()
    {
        folder.Library("Lib.csproj", """<CompressModel Include="nowhere/lenet.onnx" Gates="maybe" />""");

        var result = (await folder.Build()).Failed();

        Assert.Contains("Lib.csproj : error CMP2001: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("Lib.csproj : error CMP1001: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("error CMP6007: 'maybe' is no mode for the gates", result.Output, StringComparison.Ordinal);
        (await folder.Run("clean")).Succeeded();
    }
}
