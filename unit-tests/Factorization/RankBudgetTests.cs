using Compress.Diagnostics;
using Compress.Factorization;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.UnitTests.Support;
using CsCheck;

namespace Compress.UnitTests.Factorization;

public class RankBudgetTests
{
    static readonly SourcePosition Place = new("compress.yaml", 9, 1);

    /// <summary>All choices of small problems are tried; a Lagrange multiplier misses the best by one layer's step down its hull at most.</summary>
    [Fact]
    public void What_is_chosen_keeps_to_the_budget_and_is_near_the_best_of_all_choices()
    {
        Gen.Select(Gen.Int[1, 10_000], Gen.Double[0.2, 1]).Sample((seed, share) =>
        {
            var random = new Random(seed);
            var layers = Enumerable.Range(0, 4).Select(_ => Curve(random)).ToList();
            var most = share * layers.Sum(options => options[0].Macs);

            var chosen = RankBudget.Spread(layers, option => option.Macs, most);

            var best = All(layers).Where(choice => choice.Sum(option => option.Macs) <= most).Select(choice => (double?)choice.Sum(option => option.SquaredError)).Min();
            if (chosen is null)
            {
                Assert.Null(best);
                return;
            }

            Assert.True(chosen.Sum(option => option.Macs) <= most);
            // The last step down a hull may be one too many, and is no longer than the hull.
            var step = layers.Max(options => options.Max(option => option.SquaredError));
            Assert.InRange(chosen.Sum(option => option.SquaredError), best!.Value - 1e-9, best.Value + step + 1e-9);
        }, iter: 1000, threads: 1);
    }

    [Theory]
    [InlineData(BudgetOf.Macs, 0.5)]
    [InlineData(BudgetOf.Parameters, 0.3)]
    public void The_model_costs_no_more_than_the_budget(BudgetOf of, double share)
    {
        var model = TwoLayers();
        var before = Costs(model);
        var plan = Plan(model, new RankBudgetSettings(of, share, Place));
        var context = LowRank.Context(model, [1, 16, 8, 8]);

        var tucker = new TuckerFactorization().Apply(model, plan, context);
        var svd = new SvdFactorization().Apply(model, plan, context);

        var after = Costs(model);
        Assert.InRange(of == BudgetOf.Macs ? (double)after.Macs / before.Macs : (double)after.Parameters / before.Parameters, share / 2, share);
        Assert.All(tucker.Concat(svd), change => Assert.StartsWith("rank budget", change.Settings, StringComparison.Ordinal));
        // The one of low rank gives up what the other would have to pay for.
        Assert.Contains(tucker, change => change.Layer == "/easy" && change.Error < 1e-3);
    }

    [Fact]
    public void A_budget_that_no_ranks_keep_to_is_an_error_that_says_what_can_be_had()
    {
        var model = TwoLayers();

        var thrown = Assert.Throws<CompressException>(() => new TuckerFactorization().Apply(
            model, Plan(model, new RankBudgetSettings(BudgetOf.Macs, 0.001, Place)), LowRank.Context(model, [1, 16, 8, 8])));

        var diagnostic = Assert.Single(thrown.Diagnostics);
        Assert.Equal(("CMP4001", Place), (diagnostic.Code, diagnostic.Position));
        Assert.Matches(@"asks for macs 0\.1%, and the 3 layers that draw on it cannot bring the model below \d+\.\d%", diagnostic.Message);
    }

    static (long Macs, long Parameters) Costs(Model model)
    {
        var layers = LayerCatalog.List(model.Graph, LowRank.Context(model, [1, 16, 8, 8]).MeasureShapes(model));
        return (layers.Sum(layer => layer.Macs!.Value), layers.Sum(layer => layer.Parameters));
    }

    static ModelPlan Plan(Model model, RankBudgetSettings budget)
    {
        var planned = new Planned<FactorizeSettings>(new FactorizeSettings(RankRule.Budget, 0, [], RoundTo: 1), Place, false);
        return new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None).Select(layer => new LayerPlan(layer, Tucker: planned, Svd: planned))]) { Budget = budget };
    }

    static Model TwoLayers()
    {
        var builder = new GraphBuilder().Input("x", 1, 16, 8, 8).Constant("w", LowRank.Kernel(32, 16, 9, 3, 4), 32, 16, 3, 3)
            .Node("Conv", ["x", "w"], "easy", node => node.With("pads", 1, 1, 1, 1)).Relu("easy", "r").Conv("r", "hard", 32, 24).Node("GlobalAveragePool", ["hard"], "p")
            .Node("Flatten", ["p"], "f").Gemm("f", "y", 24, 40).Output("y");
        return builder.Build();
    }

    static List<RankOption> Curve(Random random)
    {
        var (cost, error) = (random.Next(50, 200), 0.0);
        var options = new List<RankOption> { new([], cost, cost, 0) };
        for (var i = 1; i < 6 && cost > 12; i++)
        {
            cost -= random.Next(1, 12);
            error += random.NextDouble();
            options.Add(new RankOption([i], cost, cost, error));
        }

        return options;
    }

    static IEnumerable<RankOption[]> All(List<List<RankOption>> layers) => layers.Aggregate(
        (IEnumerable<RankOption[]>)[[]], (found, options) => found.SelectMany(choice => options.Select(option => (RankOption[])[.. choice, option])));
}
