using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Policies;

public class PlanResolverTests
{
    static readonly IReadOnlyList<Layer> Layers = LayerCatalog.List(
        new GraphBuilder().Input("x", -1, 4, 8, 8)
            .Conv("x", "stem", 4, 8).Conv("stem", "body", 8, 8).Gemm("body", "head", 8, 10).Output("head").Build().Graph,
        TensorShapes.None);

    [Fact]
    public void A_later_rule_wins_for_the_techniques_that_it_mentions()
    {
        var plan = Resolve("""
            version: 1
            layers:
              - match: "*"
                quantize: int8
                prune: 30%
              - match: { op: Conv }
                tucker: { speedup: 2 }
              - match: /body
                prune: { filters: 50%, by: l2 }
              - match: { op: Gemm }
                svd: { energy: 95% }
                prune: none
              - match: { index: 0 }
                quantize: none
            """);

        Assert.Equal(["prune filters 30% by l1", "tucker speedup 2"], plan.Layers[0].Describe());
        Assert.Equal(["prune filters 50% by l2", "tucker speedup 2", "quantize int8 per channel, minmax"], plan.Layers[1].Describe());
        Assert.Equal(["svd energy 95%", "quantize int8 per channel, minmax"], plan.Layers[2].Describe());
    }

    [Fact]
    public void A_plan_remembers_where_the_winning_rule_stands_and_whether_it_named_the_layer()
    {
        var plan = Resolve("""
            version: 1
            layers:
              - match: "*"
                prune: 30%
              - match: [ "/st*", /body, { index: -1 } ]
                prune: 40%
            """);

        Assert.Equal(new SourcePosition("p.yaml", 6, 5), plan.Layers[0].Prune!.Position);
        Assert.Equal([false, true, true], plan.Layers.Select(layer => layer.Prune!.ByName));
    }

    [Fact]
    public void A_technique_that_is_switched_on_again_is_on()
    {
        var plan = Resolve("version: 1\nlayers:\n- {match: '*', svd: 8}\n- {match: '*', svd: none}\n- {match: /head, svd: 4}\n");

        Assert.Equal([null, null, "rank 4"], plan.Layers.Select(layer => layer.Svd?.Settings.ToString()));
    }

    [Fact]
    public void A_model_that_no_rule_touches_has_empty_plans()
    {
        var plan = Resolve("version: 1\n");

        Assert.All(plan.Layers, layer => Assert.Empty(layer.Describe()));
        Assert.Same(plan.Layers[1], plan.Of(Layers[1].Node));
    }

    [Fact]
    public void A_rule_that_matches_nothing_is_a_warning_with_what_there_is()
    {
        var diagnostics = new DiagnosticBag();
        var policy = PolicyYaml.Valid("""
            version: 1
            layers:
              - match: /bodi
                prune: 30%
              - match: { op: conv }
                prune: 30%
              - match: [ { op: Conv, kernel: 5x5 }, { index: 3 } ]
                prune: 30%
            """);
        PlanResolver.Resolve(policy, Layers, diagnostics);

        Assert.Equal(
            [
                "p.yaml(3,5): warning CMP1008: the rule matches no layer: /bodi; the nearest names are /body, /stem, /head",
                "p.yaml(5,5): warning CMP1008: the rule matches no layer: op conv; the model's 3 layers are Conv 3x3, Gemm",
                "p.yaml(7,5): warning CMP1008: the rule matches no layer: op Conv, kernel 5x5 or index 3; the model's 3 layers are Conv 3x3, Gemm",
            ],
            diagnostics.Select(item => item.ToString()));
    }

    [Fact]
    public void A_model_without_layers_is_said_to_have_none()
    {
        var diagnostics = new DiagnosticBag();
        PlanResolver.Resolve(PolicyYaml.Valid("version: 1\nlayers:\n- {match: '*', svd: 8}\n"), [], diagnostics);

        Assert.Equal("the rule matches no layer: *; the model has no layer", Assert.Single(diagnostics).Message);
    }

    [Fact]
    public void The_layers_that_a_rule_matches_can_be_asked_for()
    {
        var rule = PolicyYaml.Valid("version: 1\nlayers:\n- {match: [{op: Gemm}, {index: 0}, /stem], svd: 8}\n").Rules[0];

        Assert.Equal(["/stem", "/head"], PlanResolver.Matches(rule, Layers).Select(layer => layer.Name));
        Assert.Equal("op Gemm or index 0 or /stem", rule.MatchText);
    }

    static ModelPlan Resolve(string yaml)
    {
        var diagnostics = new DiagnosticBag();
        var plan = PlanResolver.Resolve(PolicyYaml.Valid(yaml), Layers, diagnostics);
        Assert.Empty(diagnostics);
        return plan;
    }
}
