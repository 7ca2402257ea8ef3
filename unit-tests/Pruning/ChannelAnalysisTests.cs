using Compress.Models;
using Compress.Rewriting;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Pruning;

public class ChannelAnalysisTests
{
    public static TheoryData<string> Families => [.. RandomNetwork.Families.Keys];

    [Theory]
    [MemberData(nameof(Families))]
    public void A_pruned_network_equals_the_masked_original(string family)
    {
        var build = RandomNetwork.Families[family];
        for (var seed = 0; seed < 30; seed++)
        {
            foreach (var share in (double[])[0.3, 0.5, 0.8, 0.999])
            {
                var model = build(seed);
                try
                {
                    var removed = MaskedEquivalence.Check(model, share, seed, Samples.For(model));
                    Assert.True(removed > 0 || share < 0.8, "nothing went");
                }
                catch (Exception exception)
                {
                    Assert.Fail($"{family}, seed {seed}, {share:p0}: {exception.Message}");
                }
            }
        }
    }

    [Theory]
    [InlineData("lenet", 0.3)]
    [InlineData("lenet", 0.999)]
    [InlineData("resnet", 0.3)]
    [InlineData("resnet", 0.5)]
    [InlineData("resnet", 0.999)]
    public void A_pruned_sample_equals_the_masked_original(string name, double share)
    {
        using var model = Model.Load(Repository.PathOf("samples", "fashion-mnist", "models", $"fmnist-{name}.onnx"));
        Rewriter.Run(model);

        Assert.True(MaskedEquivalence.Check(model, share, 5, Samples.For(model)) > 0);
    }
}
