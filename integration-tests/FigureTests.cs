using System.Text.Json;
using Compress.IntegrationTests.Support;

namespace Compress.IntegrationTests;

/// <summary>
/// What the techniques reach on the sample models, on all 10,000 test images of Fashion-MNIST, calibrated on 512 training images. The
/// data set is Debian's package dataset-fashion-mnist; without it these tests fail.
/// </summary>
public class FigureTests
{
    const string DataSet = "/usr/share/datasets/fashion-mnist";

    [Fact]
    public async Task A_residual_network_in_int8_keeps_its_accuracy_in_less_than_a_third_of_the_size()
    {
        var report = await Run(Repository.ResNet, "- { match: '*', quantize: int8 }");

        Assert.Equal(0.9306, Top1(report, "before"));
        Assert.InRange(Top1(report, "after"), 0.9290, 1);
        Assert.InRange(report.GetProperty("ratios").GetProperty("size").GetDouble(), 0, 0.31);
    }

    [Fact]
    public async Task Without_training_the_refit_wins_back_more_than_half_of_what_pruning_loses()
    {
        const string policy = "- {{ match: '*', quantize: int8 }}\n  - {{ match: {{ op: Conv }}, prune: {{ filters: 30%, reconstruct: {0} }} }}";

        var refitted = Drop(await Run(Repository.ResNet, string.Format(null, policy, "true")));
        var pruned = Drop(await Run(Repository.ResNet, string.Format(null, policy, "false")));

        Assert.InRange(refitted, 0, pruned / 2);
        Assert.InRange(refitted, 0, 0.03);
    }

    [Fact]
    public async Task A_dense_layer_of_low_rank_leaves_a_fifth_of_the_weights_within_half_a_point()
    {
        var report = await Run(Repository.LeNet, "- { match: { name: '/f1/Gemm' }, svd: { error: 12% } }");

        Assert.InRange(report.GetProperty("ratios").GetProperty("parameters").GetDouble(), 0, 0.2);
        Assert.InRange(Drop(report), -1, 0.005);
    }

    [Fact]
    public async Task Three_techniques_on_one_network_bring_it_under_an_eighth_within_a_point()
    {
        var sample = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "fashion-mnist", "lenet.yaml"));
        var layers = sample[(sample.IndexOf("layers:", StringComparison.Ordinal) + 7)..sample.IndexOf("gates:", StringComparison.Ordinal)];

        var report = await Run(Repository.LeNet, layers.Trim());

        Assert.Equal(0.9139, Top1(report, "before"));
        Assert.InRange(Drop(report), -1, 0.01);
        Assert.InRange(report.GetProperty("ratios").GetProperty("size").GetDouble(), 0, 0.12);
        var kinds = report.GetProperty("layers").EnumerateArray().SelectMany(layer => layer.GetProperty("techniques").EnumerateArray())
            .Where(change => change.GetProperty("skipped").ValueKind == JsonValueKind.Null).Select(change => change.GetProperty("kind").GetString());
        Assert.Equal(["prune", "quantize", "svd", "tucker"], kinds.Distinct().Order());
    }

    [Fact]
    public async Task Zeros_and_shared_weights_are_carried_in_a_fifteenth_within_half_a_point()
    {
        var policy = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "benchmarks", "policies", "lenet-shared.yaml"));
        var layers = policy[(policy.IndexOf("layers:", StringComparison.Ordinal) + 7)..policy.IndexOf("gates:", StringComparison.Ordinal)];

        var report = await Run(Repository.LeNet, layers.Trim());

        Assert.InRange(Drop(report), -1, 0.005);
        Assert.InRange(report.GetProperty("ratios").GetProperty("downloadSize").GetDouble(), 0, 1 / 15.0);
    }

    static Task<JsonElement> Run(string model, string layers)
    {
        Assert.True(Directory.Exists(DataSet), $"{DataSet} is missing; install Debian's package dataset-fashion-mnist");
        return Tool.Report($$"""
            version: 1
            model: {{model}}
            data:
              calibration: { idx: {{DataSet}}/train-images-idx3-ubyte.gz, take: 512, scale: 1/255, mean: 0.2860, std: 0.3530 }
              evaluation:
                { idx: {{DataSet}}/t10k-images-idx3-ubyte.gz, labels: {{DataSet}}/t10k-labels-idx1-ubyte.gz, scale: 1/255, mean: 0.2860, std: 0.3530 }
            layers:
              {{layers}}
            """);
    }

    static double Top1(JsonElement report, string when)
    {
        var top1 = report.GetProperty("metrics").GetProperty("top1");
        Assert.Equal(10000, top1.GetProperty("samples").GetInt32());
        return top1.GetProperty(when).GetDouble();
    }

    static double Drop(JsonElement report) => Top1(report, "drop");
}
