using Compress.Policies;

namespace Compress.UnitTests.Policies;

public class TechniqueSettingsTests
{
    [Fact]
    public void Pruning_describes_what_differs_from_the_defaults()
    {
        Assert.Equal("filters 30% by l1", new PruneSettings(0.3).ToString());
        Assert.Equal("filters 33.3333% by l2, round to 8, keep at least 16, reconstruct", new PruneSettings(1 / 3.0, PruneCriterion.L2, 8, 16, true).ToString());
        Assert.Equal("channels 50% by lasso, keep at least 2", new PruneSettings(0, PruneCriterion.Lasso, KeepAtLeast: 2, Channels: 0.5).ToString());
        Assert.Equal("filters 50% by bn-gamma, global", new PruneSettings(0.5, PruneCriterion.BatchNormGamma, Scope: PruneScope.Global).ToString());
        Assert.Equal("filters 0% by l1, no reconstruction", new PruneSettings(0, Reconstruct: false).ToString());
    }

    [Fact]
    public void Factorization_describes_how_its_rank_is_chosen()
    {
        Assert.Equal("rank 32", new FactorizeSettings(RankRule.Rank, 0, [32]).ToString());
        Assert.Equal("rank [16, 32]", new FactorizeSettings(RankRule.Rank, 0, [16, 32]).ToString());
        Assert.Equal("ratio 0.5", new FactorizeSettings(RankRule.Ratio, 0.5, []).ToString());
        Assert.Equal("energy 95%", new FactorizeSettings(RankRule.Energy, 0.95, []).ToString());
        Assert.Equal("speedup 2, round to 8", new FactorizeSettings(RankRule.Speedup, 2, [], 8).ToString());
    }

    [Fact]
    public void Quantization_describes_its_type_its_scales_and_its_calibration()
    {
        Assert.Equal("int8 per channel, minmax", new QuantizeSettings().ToString());
        Assert.Equal("int8 per channel, weights only", new QuantizeSettings(Activations: false).ToString());
        Assert.Equal("int8 per tensor, symmetric, percentile 99.99", new QuantizeSettings(false, true, Calibrator.Percentile, 99.99).ToString());
    }
}
