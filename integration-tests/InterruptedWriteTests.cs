using System.Diagnostics;
using System.Globalization;
using System.Text;
using Compress.IntegrationTests.Support;

namespace Compress.IntegrationTests;

/// <summary>Whatever ends a run, the output is the one before it or the one after it, and whole.</summary>
public sealed class InterruptedWriteTests : IDisposable
{
    const string Output = "out.onnx";

    /// <summary>25 in a normal run; COMPRESS_TEST_KILLS asks for more.</summary>
    static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("COMPRESS_TEST_KILLS") ?? "25", CultureInfo.InvariantCulture);

    readonly string folder = Directory.CreateTempSubdirectory("compress-kill-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_killed_run_leaves_the_old_model_or_the_new_one(bool external)
    {
        MadeUpModel.Write(At("m.onnx"), matrices: 4, width: 768, external);
        Policy("one.yaml", "{ activations: none }");
        Policy("two.yaml", "{ activations: none, per: tensor }");
        var undisturbed = new Dictionary<string, string[]>();
        var watch = new Stopwatch();
        foreach (var policy in (string[])["one.yaml", "two.yaml"])
        {
            watch.Restart();
            (await Tool.Run(folder, policy)).Succeeded();
            watch.Stop();
            (await Tool.Run(folder, "inspect", Output)).Succeeded();
            undisturbed.Add(Current(), Names());
        }

        Assert.Equal(2, undisturbed.Count);
        var random = new Random();
        for (var i = 0; i < Kills; i++)
        {
            using var process = Tool.Start(folder, i % 2 == 0 ? "one.yaml" : "two.yaml");
            if (i % 3 == 0)
                await Task.Delay(random.Next((int)watch.ElapsedMilliseconds));
            else
                await WhileWriting(process, random);
            process.Kill();
            await process.WaitForExitAsync();

            Assert.Contains(Current(), undisturbed.Keys);
        }

        (await Tool.Run(folder, "two.yaml")).Succeeded();
        Assert.Equal(undisturbed.Keys.Last(), Current());
        Assert.Equal(undisturbed.Values.Last(), Names());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Runs_at_the_same_time_leave_one_whole_model(bool external)
    {
        MadeUpModel.Write(At("m.onnx"), matrices: 4, width: 768, external);
        string[] policies = ["one.yaml", "two.yaml"];
        Policy(policies[0], "{ activations: none }");
        Policy(policies[1], "{ activations: none, per: tensor }");
        var undisturbed = new List<string>();
        foreach (var policy in policies)
        {
            (await Tool.Run(folder, policy)).Succeeded();
            undisturbed.Add(Current());
        }

        var names = Names().Length;
        for (var i = 0; i < 4; i++)
        {
            foreach (var result in await Task.WhenAll(policies.Select(policy => Tool.Run(folder, policy))))
                result.Succeeded();
            Assert.Contains(Current(), undisturbed);
            Assert.Equal(names, Names().Length);
        }
    }

    /// <summary>
    /// A file system of 1 MB where the test may mount one, and a limit on the size of files otherwise; the limit is tried in any case.
    /// </summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_full_disk_is_a_diagnostic_and_keeps_the_old_model(bool external, bool mounted)
    {
        if (OperatingSystem.IsWindows())
            return;
        var disk = Directory.CreateDirectory(At("disk")).FullName;
        mounted = mounted && (await Shell("mount -t tmpfs -o size=1m tmpfs disk")).ExitCode == 0;
        try
        {
            MadeUpModel.Write(At("m.onnx"), matrices: 3, width: 192, external);
            Policy("compress.yaml", "{ activations: none }");
            (await Tool.Run(folder, "-o", "disk/out.onnx")).Succeeded();
            var before = Directory.GetFiles(disk).ToDictionary(file => file, File.ReadAllBytes);
            MadeUpModel.Write(At("m.onnx"), matrices: 3, width: 900, external);

            // Where the limit's signal is ignored, the write fails as on a full disk; the runtime's own double mapping would hit it first.
            var limit = mounted ? "" : "trap '' XFSZ; ulimit -f 1024; export DOTNET_EnableWriteXorExecute=0; ";
            var result = (await Shell($"{limit}exec dotnet exec '{Tool.Path}' -o disk/out.onnx")).Failed();

            Assert.Contains("error CMP6001: cannot write the file: ", result.Output, StringComparison.Ordinal);
            Assert.Equal(before, Directory.GetFiles(disk).ToDictionary(file => file, File.ReadAllBytes));
            Assert.Empty(Directory.GetDirectories(disk));
        }
        finally
        {
            if (mounted)
                (await Shell("umount disk")).Succeeded();
        }
    }

    static async Task WhileWriting(Process process, Random random)
    {
        using var watcher = new FileSystemWatcher(process.StartInfo.WorkingDirectory, $".{Output}.*");
        using var seen = new SemaphoreSlim(0);
        watcher.Created += (_, _) => seen.Release();
        watcher.EnableRaisingEvents = true;
        while (!process.HasExited && !await seen.WaitAsync(5))
        {
        }

        await Task.Delay(random.Next(60));
    }

    void Policy(string name, string quantize) =>
        File.WriteAllText(At(name), $"version: 1\nmodel: m.onnx\noutput: {Output}\nlayers: [{{ match: '*', quantize: {quantize} }}]\n");

    /// <summary>The output with its data, as one text. Data that the model names must be there.</summary>
    string Current()
    {
        var model = File.ReadAllBytes(At(Output));
        var text = Encoding.Latin1.GetString(model);
        var data = text.IndexOf(Output + ".", StringComparison.Ordinal) is var start and >= 0 ? text.Substring(start, Output.Length + ".0123456789abcdef.data".Length) : null;
        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(data is null ? model : [.. model, .. File.ReadAllBytes(At(data))])) + data;
    }

    string[] Names() => [.. Directory.EnumerateFileSystemEntries(folder).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];

    string At(string name) => Path.Combine(folder, name);

    async Task<CommandResult> Shell(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", script + " 2>&1"]) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new CommandResult(process.ExitCode, output);
    }
}
