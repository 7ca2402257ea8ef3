using Compress.Data;
using Compress.Execution;
using Compress.Techniques;

namespace Compress.Evaluation;

/// <summary>Measures what compression has cost, by running both models on the same samples in one pass.</summary>
public static class Evaluator
{
    /// <summary>The step's name in progress.</summary>
    public const string Step = "evaluate";

    /// <summary>
    /// Measures every metric that the data allows. Memory is bounded by one batch with its outputs, whatever the number of samples.
    /// </summary>
    /// <param name="baseline">The original, opened from its file as an app would.</param>
    /// <param name="candidate">The compressed model, opened from its file as an app would.</param>
    /// <param name="data">The samples, with labels for top1 and top5.</param>
    /// <param name="batchSize">
    /// Samples per run, at least 1. Where a model's batch size is fixed or outputs are not per sample, it is 1.
    /// </param>
    /// <param name="progress">Told the share of samples done.</param>
    /// <param name="cancellation">Stops before the next operator.</param>
    /// <exception cref="Diagnostics.CompressException">
    /// CMP2003 or CMP3003: a model cannot be run on the data. CMP3004: a label is not one of the model's classes.
    /// </exception>
    public static Comparison Compare(
        Session baseline, Session candidate, DataSet data, int batchSize = 32,
        IProgress<StepProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (!baseline.IsBatchFree || !candidate.IsBatchFree)
            batchSize = 1;
        var classification = new ClassificationTally(data.Labels, baseline.Path);
        var difference = new DifferenceTally(baseline.Path, candidate.Path);
        for (var start = 0; start < data.Count;)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(batchSize, data.Count - start);
            var batch = data.Read(start, count);
            using var before = baseline.Run(batch, cancellation);
            using var after = candidate.Run(batch, cancellation);
            if (count > 1 && !(OutputMatch.IsPerSample(before, count) && OutputMatch.IsPerSample(after, count)))
            {
                batchSize = 1;
                continue;
            }

            classification.Add(before, after, start, count);
            difference.Add(before, after, start, count);
            start += count;
            progress?.Report(new StepProgress(Step, (double)start / data.Count));
        }

        var findings = new Findings();
        classification.Finish(findings);
        difference.Finish(findings);
        return findings.ToComparison();
    }
}
