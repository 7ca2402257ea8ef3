using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Policies.Reading;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Policies;

public class ExamplePolicyTests
{
    static readonly string Example = Repository.PathOf("compress.yaml.example");

    [Fact]
    public void The_example_has_no_mistake_and_each_of_its_rules_matches_layers_of_the_sample_model()
    {
        var diagnostics = new DiagnosticBag();
        var policy = PolicyReader.Read(Example, diagnostics)!;
        var layers = LayerCatalog.List(Model.Load(policy.Resolve(policy.Model!.Value)).Graph, TensorShapes.None);

        var plan = PlanResolver.Resolve(policy, layers, diagnostics);

        Assert.Empty(diagnostics);
        Assert.Equal([16, 5, 2, 1, 1, 1], policy.Rules.Select(rule => PlanResolver.Matches(rule, layers).Count));
        Assert.Empty(plan.Layers[0].Describe());
        Assert.Equal(
            ["prune filters 25% by l2, round to 4, keep at least 8, reconstruct", "quantize int8 per channel, minmax"], plan.Layers[5].Describe());
        Assert.Equal(["tucker speedup 1.5, round to 4, data-aware", "quantize int8 per channel, minmax"], plan.Layers[13].Describe());
        Assert.Equal(["svd rank 8", "quantize int8 per channel, percentile 99.99, repaired by equalization and bias-correction and fallback"], plan.Layers[15].Describe());
    }

    [Fact]
    public void The_example_shows_every_key()
    {
        var text = File.ReadAllText(Example);

        Assert.All(PolicyKeys.All.SelectMany(mapping => mapping.Keys), key => Assert.Contains(key + ":", text, StringComparison.Ordinal));
    }
}
