using Compress.Diagnostics;
using Compress.Execution;

namespace Compress.Evaluation;

/// <summary>
/// Gathers mse and cosine over all float outputs of each sample. Samples for which the original itself gives no finite numbers
/// have nothing to be compared with and are left out; where the compressed model alone does, there is no result at all.
/// </summary>
sealed class DifferenceTally(string modelBefore, string modelAfter)
{
    readonly SampleMean mse = new(perfect: 0, least: 0, greatest: double.PositiveInfinity);
    readonly SampleMean cosine = new(perfect: 1, least: -1, greatest: 1);
    readonly List<string> outputs = [];
    string? obstacle;
    int samples;
    int brokenBefore;
    int brokenAfter;
    int firstBroken = -1;

    /// <summary>Counts one batch in. Where outputs are not per sample, the batch holds one sample, and an output is all of its own.</summary>
    public void Add(RunResult before, RunResult after, int start, int count)
    {
        samples += count;
        if (outputs.Count == 0)
            outputs.AddRange(before.Names.Where(before.IsFloat));
        obstacle ??= outputs.Count == 0
            ? "the model has no float32 output"
            : outputs.Select(output => OutputMatch.Mismatch(output, before, after)).FirstOrDefault(reason => reason is not null);
        for (var i = 0; i < count && obstacle is null; i++)
        {
            var difference = new SampleDifference();
            foreach (var output in outputs)
            {
                ReadOnlySpan<float> x = before.Floats(output), y = after.Floats(output);
                var length = x.Length / count;
                difference.Add(x.Slice(i * length, length), y.Slice(i * length, length));
            }

            Add(difference, start + i);
        }
    }

    public void Finish(Findings findings)
    {
        if (brokenBefore > 0)
        {
            findings.Diagnostics.Add(Codes.NumericTrouble.At(new SourcePosition(modelBefore),
                $"the original gives values that are not finite for {brokenBefore} of {samples} samples; mse and cosine leave them out")
                with
            { Severity = Severity.Warning });
        }

        if (brokenAfter > 0)
        {
            obstacle ??= $"the compressed model gives values that are not finite for {brokenAfter} of {samples} samples";
            findings.Diagnostics.Add(Codes.NumericTrouble.At(new SourcePosition(modelAfter),
                $"the compressed model gives values that are not finite for {brokenAfter} of {samples} samples, where the original's are "
                + $"finite; the first is sample {firstBroken}; compress less, or calibrate with data like this sample"));
        }

        obstacle ??= mse.Samples == 0 ? "the original gives finite values for no sample" : null;
        Finish(findings, MetricNames.Mse, mse);
        Finish(findings, MetricNames.Cosine, cosine);
    }

    void Add(SampleDifference difference, int sample)
    {
        if (difference.BeforeIsNotFinite)
        {
            brokenBefore++;
        }
        else if (difference.AfterIsNotFinite)
        {
            if (brokenAfter++ == 0)
                firstBroken = sample;
        }
        else
        {
            mse.Add(difference.MeanSquare);
            cosine.Add(difference.Cosine);
        }
    }

    void Finish(Findings findings, string metric, SampleMean mean)
    {
        if (obstacle is null)
            findings.Measurements[metric] = mean;
        else
            findings.Unmeasured[metric] = obstacle;
    }
}
