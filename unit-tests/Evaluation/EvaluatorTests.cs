using Compress.Data;
using Compress.Diagnostics;
using Compress.Evaluation;
using Compress.Execution;
using Compress.Models;
using Compress.Techniques;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Evaluation;

public class EvaluatorTests
{
    // The baseline hands its input through; the candidate adds 3 to class 1.
    static readonly float[] Shift = [0, 3, 0, 0, 0, 0];

    static readonly float[] Scores =
    [
        9, 0, 0, 0, 0, 0, // 0 -> 0
        2, 0, 0, 0, 0, 0, // 0 -> 1
        0, 1, 2, 0, 0, 0, // 2 -> 1
        1, 1, 0, 0, 0, 5, // 5 -> 5
    ];

    [Fact]
    public void Right_and_wrong_answers_are_counted_in_pairs()
    {
        var comparison = Compare(Add(new float[6]), Add(Shift), Scores, labels: [0, 0, 1, 2]);

        var top1 = (PairedOutcomes)comparison.Measurements[MetricNames.Top1];
        Assert.Equal((0.5, 0.5, 0), (top1.Before, top1.After, top1.Drop));
        Assert.Equal((1, 1), (top1.OnlyBefore, top1.OnlyAfter));
        Assert.Equal(0.5, comparison.Measurements[MetricNames.Agreement].After);
        Assert.Equal(4, top1.Samples);
    }

    [Fact]
    public void Of_equal_scores_the_lower_class_counts_as_higher()
    {
        // Class 5 is the last of five equal zeros, and second once it has 1; class 4 is then pushed to the sixth place.
        var comparison = Compare(Add(new float[6]), Add([0, 0, 0, 0, 0, 1]), Scores[..12], labels: [5, 4]);

        var top5 = (PairedOutcomes)comparison.Measurements[MetricNames.Top5];
        Assert.Equal((1, 1), (top5.OnlyBefore, top5.OnlyAfter));
    }

    [Fact]
    public void Differences_are_means_over_samples()
    {
        var comparison = Compare(Add(new float[6]), Add(Shift), Scores);

        // Each sample differs by 3 in one of six numbers.
        Assert.Equal(9.0 / 6, comparison.Measurements[MetricNames.Mse].After, 6);
        double[] cosines =
        [
            81 / (9 * Math.Sqrt(81 + 9)),
            4 / (2 * Math.Sqrt(4 + 9)),
            (1 * 4 + 4) / (Math.Sqrt(5) * Math.Sqrt(16 + 4)),
            (1 + 4 + 25) / (Math.Sqrt(27) * Math.Sqrt(1 + 16 + 25)),
        ];
        Assert.Equal(cosines.Average(), comparison.Measurements[MetricNames.Cosine].After, 6);
    }

    [Fact]
    public void All_float_outputs_of_a_sample_count_as_one_vector()
    {
        Model Build(float shift) => new GraphBuilder().Input("x", -1, 2).Constant("a", [0f]).Constant("b", [shift])
            .Node("Add", ["x", "a"], "y").Node("Add", ["x", "b"], "z").Output("y", -1, 2).Output("z", -1, 2).Build();

        var comparison = Compare(Build(0), Build(1), [1, 0], size: 2);

        Assert.Equal(2.0 / 4, comparison.Measurements[MetricNames.Mse].After, 6);
        // (1, 0, 1, 0) · (1, 0, 2, 1)
        Assert.Equal(3 / (Math.Sqrt(2) * Math.Sqrt(6)), comparison.Measurements[MetricNames.Cosine].After, 6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(64)]
    public void The_batch_size_changes_no_result(int batchSize)
    {
        var values = new GraphBuilder(seed: 5).Normal(6 * 20);
        var labels = Enumerable.Range(0, 20).Select(i => i % 6).ToArray();

        var whole = Compare(Add(new float[6]), Add(Shift), values, labels, batchSize: 20);
        var parts = Compare(Add(new float[6]), Add(Shift), values, labels, batchSize: batchSize);

        Assert.Equal(whole.Metrics([]), parts.Metrics([]));
        Assert.Equal(20, parts.Measurements[MetricNames.Mse].Samples);
    }

    [Fact]
    public void A_model_with_a_fixed_batch_is_run_sample_by_sample()
    {
        var comparison = Compare(Add(new float[6], batch: 1), Add(Shift, batch: 1), Scores, batchSize: 32);

        Assert.Equal(4, comparison.Measurements[MetricNames.Agreement].Samples);
    }

    [Fact]
    public void Outputs_that_mix_the_samples_of_a_batch_are_measured_sample_by_sample()
    {
        Model Build(float shift) => new GraphBuilder().Input("x", -1, 2).Constant("s", [shift])
            .Node("Add", ["x", "s"], "sum").Node("Transpose", ["sum"], "y").Output("y", 2, -1).Build();

        var comparison = Compare(Build(0), Build(2), [1, 2, 3, 4, 5, 6], size: 2);

        // (1, 2) · (3, 4), (3, 4) · (5, 6) and (5, 6) · (7, 8), where the outputs of a batch would be (1, 3, 5) and (2, 4, 6).
        double[] cosines = [11 / Math.Sqrt(5 * 25), 39 / Math.Sqrt(25 * 61), 83 / Math.Sqrt(61 * 113)];
        Assert.Equal(cosines.Average(), comparison.Measurements[MetricNames.Cosine].After, 6);
        Assert.Equal(3, comparison.Measurements[MetricNames.Cosine].Samples);
    }

    [Fact]
    public void Scores_may_have_trailing_sizes_of_one()
    {
        Model Build(float[] shift) => new GraphBuilder().Input("x", -1, 6).Constant("s", shift, 6).Constant("shape", [-1L, 6, 1, 1], 4)
            .Node("Add", ["x", "s"], "sum").Node("Reshape", ["sum", "shape"], "y").Output("y", -1, 6, 1, 1).Build();

        var comparison = Compare(Build(new float[6]), Build(Shift), Scores, labels: [0, 0, 2, 5]);

        Assert.Equal(0.5, comparison.Measurements[MetricNames.Top1].After);
    }

    [Fact]
    public void Without_labels_there_is_agreement_and_the_reason_why_there_is_no_top1()
    {
        var comparison = Compare(Add(new float[6]), Add(Shift), Scores);

        Assert.Equal([MetricNames.Agreement, MetricNames.Mse, MetricNames.Cosine], comparison.Measurements.Keys);
        Assert.Contains("labels", comparison.Unmeasured[MetricNames.Top1], StringComparison.Ordinal);
    }

    [Fact]
    public void Top5_of_five_classes_says_nothing_and_is_not_measured()
    {
        var comparison = Compare(Add(new float[5], size: 5), Add(new float[5], size: 5), new float[10], labels: [0, 1], size: 5);

        Assert.Contains("5 classes", comparison.Unmeasured[MetricNames.Top5], StringComparison.Ordinal);
        Assert.Contains(MetricNames.Top1, comparison.Measurements.Keys);
    }

    [Fact]
    public void A_label_beyond_the_classes_ends_the_run()
    {
        var exception = Assert.Throws<CompressException>(() => Compare(Add(new float[6]), Add(Shift), Scores, labels: [0, 1, 6, 0]));

        var diagnostic = Assert.Single(exception.Diagnostics);
        Assert.Equal("CMP3004", diagnostic.Code);
        Assert.Contains("sample 2 has label 6", diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_are_not_finite_are_wrong_answers_and_an_error()
    {
        // √x of a negative number is not a number.
        Model root = new GraphBuilder().Input("x", -1, 2).Node("Sqrt", ["x"], "y").Output("y", -1, 2).Build();
        Model same = new GraphBuilder().Input("x", -1, 2).Node("Identity", ["x"], "y").Output("y", -1, 2).Build();

        var comparison = Compare(same, root, [4, 1, 3, -1, 9, 1], labels: [0, 0, 0], size: 2);

        Assert.Equal(2.0 / 3, comparison.Measurements[MetricNames.Top1].After);
        Assert.Equal(2.0 / 3, comparison.Measurements[MetricNames.Agreement].After);
        Assert.Contains("not finite", comparison.Unmeasured[MetricNames.Mse], StringComparison.Ordinal);
        var diagnostic = Assert.Single(comparison.Diagnostics);
        Assert.Equal(("CMP4004", Severity.Error), (diagnostic.Code, diagnostic.Severity));
        Assert.Contains("the first is sample 1", diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_on_which_the_original_itself_is_not_finite_are_left_out_with_a_warning()
    {
        Model root = new GraphBuilder().Input("x", -1, 2).Node("Sqrt", ["x"], "y").Output("y", -1, 2).Build();
        Model same = new GraphBuilder().Input("x", -1, 2).Node("Identity", ["x"], "y").Output("y", -1, 2).Build();

        var comparison = Compare(root, same, [4, 1, 3, -1, 1, 1], size: 2);

        Assert.Equal(2, comparison.Measurements[MetricNames.Mse].Samples);
        Assert.Equal(Severity.Warning, Assert.Single(comparison.Diagnostics).Severity);
    }

    [Fact]
    public void Equal_infinities_are_no_difference()
    {
        Model Build() => new GraphBuilder().Input("x", -1, 2).Node("Log", ["x"], "y").Output("y", -1, 2).Build();

        var comparison = Compare(Build(), Build(), [0, 1, 2, 3], size: 2);

        Assert.Equal(0, comparison.Measurements[MetricNames.Mse].After);
        Assert.Equal(1, comparison.Measurements[MetricNames.Cosine].After, 12);
        Assert.Empty(comparison.Diagnostics);
    }

    [Fact]
    public void Outputs_of_other_sizes_are_not_compared()
    {
        Model narrow = new GraphBuilder().Input("x", -1, 6).Constant("start", [0L], 1).Constant("end", [3L], 1).Constant("axis", [1L], 1)
            .Node("Slice", ["x", "start", "end", "axis"], "y").Output("y", -1, 3).Build();

        var comparison = Compare(Add(new float[6]), narrow, Scores);

        Assert.Empty(comparison.Measurements);
        Assert.Contains("[4,6] in the original and [4,3]", comparison.Unmeasured[MetricNames.Cosine], StringComparison.Ordinal);
    }

    [Fact]
    public void A_real_model_is_its_own_perfect_copy()
    {
        var path = Repository.PathOf("samples", "fashion-mnist", "models", "fmnist-lenet.onnx");
        using var session = Session.Open(path, new SessionSettings(1));
        using DataSet data = new ArrayDataSet(session.Inputs[0].Name, new GraphBuilder().Normal(10 * 784), [1, 28, 28], new int[10]);

        var comparison = Evaluator.Compare(session, session, data, batchSize: 4);

        Assert.Equal(MetricNames.OnData, comparison.Measurements.Keys);
        Assert.All(comparison.Measurements.Values, measurement => Assert.Equal(0, measurement.Drop, 12));
    }

    [Fact]
    public void An_interval_has_the_level_of_the_gate_on_its_metric()
    {
        var comparison = Compare(Add(new float[6]), Add(Shift), Scores);

        var metrics = comparison.Metrics([new(MetricNames.Mse, new SourcePosition("p"), Max: 1, Confidence: 0.8)]);

        Assert.Equal((0.8, 0.95), (metrics[MetricNames.Mse].Interval!.Level, metrics[MetricNames.Cosine].Interval!.Level));
    }

    [Fact]
    public void A_cancelled_run_stops_between_batches()
    {
        using var source = new CancellationTokenSource();
        var progress = new Recorder(share => source.Cancel());

        Assert.Throws<OperationCanceledException>(() => Compare(
            Add(new float[6]), Add(Shift), Scores, batchSize: 1, progress: progress, cancellation: source.Token));
        Assert.Equal([0.25], progress.Shares);
    }

    static Model Add(float[] shift, int size = 6, int batch = -1) => new GraphBuilder().Input("x", batch, size)
        .Constant("shift", shift, size).Node("Add", ["x", "shift"], "y").Output("y", batch, size).Build();

    static Comparison Compare(
        Model before, Model after, float[] values, int[]? labels = null, int size = 6, int batchSize = 32,
        IProgress<StepProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var baseline = Session.Open(before, new SessionSettings(1));
        using var candidate = Session.Open(after, new SessionSettings(1));
        using DataSet data = new ArrayDataSet("x", values, [size], labels);
        return Evaluator.Compare(baseline, candidate, data, batchSize, progress, cancellation);
    }

    sealed class Recorder(Action<double> then) : IProgress<StepProgress>
    {
        public List<double> Shares { get; } = [];

        public void Report(StepProgress value)
        {
            Shares.Add(value.Share);
            then(value.Share);
        }
    }
}
