using System.IO.Compression;
using Compress.IntegrationTests.Support;

namespace Compress.IntegrationTests;

/// <summary>Two apps that share a library with a compressed model, built in parallel, published and run.</summary>
[Collection(PackagesCollection.Name)]
public sealed class ApplicationTests(Packages packages)
{
    readonly TestFolder folder = packages.NewFolder();

    [Fact]
    public async Task Projects_that_reference_a_library_get_its_model_and_the_app_runs_it()
    {
        folder.Library("lib/Lib.csproj", """<CompressModel Include="models/lenet.onnx" />""")
            .Copy(Repository.LeNet, "lib/models/lenet.onnx").Write("lib/models/compress.yaml", TestPolicies.Svd);
        const string executable = "<OutputType>Exe</OutputType><ImplicitUsings>enable</ImplicitUsings>";
        folder.Project("one/One.csproj", $"""
            <ProjectReference Include="../lib/Lib.csproj" />
            <PackageReference Include="Microsoft.ML.OnnxRuntime" Version="{Repository.OnnxRuntimeVersion}" />
            """, executable)
            .Write("one/Program.cs", """
                using Microsoft.ML.OnnxRuntime;
                using Microsoft.ML.OnnxRuntime.Tensors;

                using var session = new InferenceSession(Path.Combine(AppContext.BaseDirectory, "models", "lenet.onnx"));
                var input = new DenseTensor<float>(new float[784], [1, 1, 28, 28]);
                using var outputs = session.Run([NamedOnnxValue.CreateFromTensor(session.InputNames[0], input)]);
                Console.WriteLine("logits: " + string.Join(" ", outputs[0].AsEnumerable<float>()));
                """);
        folder.Library("two/Two.csproj", """
            <ProjectReference Include="../lib/Lib.csproj" />
            <CompressModel Include="resnet.onnx" />
            """, executable)
            .Write("two/Program.cs", "Console.WriteLine();").Copy(Repository.ResNet, "two/resnet.onnx").Write("two/compress.yaml", TestPolicies.Svd.Replace("90%", "100%", StringComparison.Ordinal));
        folder.Write("All.slnx", """<Solution><Project Path="one/One.csproj" /><Project Path="two/Two.csproj" /><Project Path="lib/Lib.csproj" /></Solution>""");

        // Three projects, two of which wait for the third: each model is compressed once.
        Assert.Equal(2, (await folder.Build("All.slnx", "-m:4")).Succeeded().Compressed);
        Assert.Equal(0, (await folder.Rebuild("All.slnx", "-m:4")).Succeeded().Compressed);

        var compressed = File.ReadAllBytes(folder["lib/obj/Debug/net10.0/compressed/models/lenet.onnx"]);
        foreach (var app in (string[])["one", "two"])
            Assert.Equal(compressed, File.ReadAllBytes(folder[$"{app}/bin/Debug/net10.0/models/lenet.onnx"]));

        (await folder.Run("publish", "two", "--no-build", "-c", "Debug", "-o", folder["published"])).Succeeded();
        Assert.Equal(compressed, File.ReadAllBytes(folder["published/models/lenet.onnx"]));
        Assert.Equal(File.ReadAllBytes(folder["two/obj/Debug/net10.0/compressed/resnet.onnx"]), File.ReadAllBytes(folder["published/resnet.onnx"]));

        var run = (await DotNet.Run(folder.Path, "exec", folder["one/bin/Debug/net10.0/One.dll"])).Succeeded();
        Assert.Equal(10, run.Output.Trim().Split(' ').Length - 1);
    }

    [Fact]
    public async Task Publish_alone_compresses_and_publishes_the_model()
    {
        folder.Library("App.csproj", """<CompressModel Include="models/lenet.onnx" />""", "<OutputType>Exe</OutputType>")
            .Write("Program.cs", "System.Console.WriteLine();").Copy(Repository.LeNet, "models/lenet.onnx").Write("models/compress.yaml", TestPolicies.Svd);

        Assert.Equal(1, (await folder.Run("publish")).Succeeded().Compressed);

        Assert.True(folder.Has("bin/Release/net10.0/publish/models/lenet.onnx"));
        Assert.False(folder.Has("bin/Release/net10.0/publish/models/compress.yaml"));
    }

    [Fact]
    public async Task A_package_of_the_project_carries_the_compressed_model_as_it_carries_content()
    {
        folder.Library("Lib.csproj", """<CompressModel Include="models/lenet.onnx" />""")
            .Copy(Repository.LeNet, "models/lenet.onnx").Write("models/compress.yaml", TestPolicies.Svd);

        (await folder.Run("pack", "-o", folder["packed"])).Succeeded();

        using var package = ZipFile.OpenRead(folder["packed/Lib.1.0.0.nupkg"]);
        Assert.Equal(
            ["content/models/lenet.onnx", "contentFiles/any/net10.0/models/lenet.onnx"],
            package.Entries.Select(entry => entry.FullName).Where(name => name.EndsWith(".onnx", StringComparison.Ordinal)).Order());
    }
}
