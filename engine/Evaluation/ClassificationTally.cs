using Compress.Diagnostics;
using Compress.Execution;

namespace Compress.Evaluation;

/// <summary>
/// Counts right and wrong answers for top1, top5 and agreement. The scores are the first float output, [N, classes] with any
/// number of trailing sizes of 1. Scores that are not numbers predict nothing: they are wrong, and agree with nothing.
/// </summary>
sealed class ClassificationTally(IReadOnlyList<int>? labels, string modelPath)
{
    const int Agreeing = 0;

    readonly int[] top1 = new int[4];
    readonly int[] top5 = new int[4];
    readonly int[] agreement = new int[2];
    int classes;
    string? obstacle;

    /// <summary>Counts one batch in.</summary>
    /// <exception cref="CompressException">CMP3004: a label is not one of the model's classes.</exception>
    public void Add(RunResult before, RunResult after, int start, int count)
    {
        var output = before.Names.FirstOrDefault(before.IsFloat);
        obstacle ??= Obstacle(output, before, after, count);
        if (obstacle is not null)
            return;
        ReadOnlySpan<float> scoresBefore = before.Floats(output!), scoresAfter = after.Floats(output!);
        classes = scoresBefore.Length / count;
        for (var i = 0; i < count; i++)
            Add(scoresBefore.Slice(i * classes, classes), scoresAfter.Slice(i * classes, classes), start + i);
    }

    public void Finish(Findings findings)
    {
        var without = obstacle ?? (labels is null ? "the evaluation data has no labels; name them with the data source" : null);
        Finish(findings, MetricNames.Top1, top1, without);
        Finish(findings, MetricNames.Top5, top5,
            without ?? (classes <= 5 ? $"the model has {classes} classes, so that every answer is among the top 5" : null));
        if (obstacle is not null)
            findings.Unmeasured[MetricNames.Agreement] = obstacle;
        else
            findings.Measurements[MetricNames.Agreement] = new Proportion(agreement[Agreeing], agreement.Sum());
    }

    static void Finish(Findings findings, string metric, int[] cells, string? reason)
    {
        if (reason is null)
            findings.Measurements[metric] = new PairedOutcomes(cells[0], cells[1], cells[2], cells[3]);
        else
            findings.Unmeasured[metric] = reason;
    }

    void Add(ReadOnlySpan<float> before, ReadOnlySpan<float> after, int sample)
    {
        var best = ClassScores.Best(before);
        agreement[best >= 0 && best == ClassScores.Best(after) ? Agreeing : 1]++;
        if (labels is null)
            return;
        var label = labels[sample];
        if (label < 0 || label >= classes)
        {
            throw Codes.LabelMisfit.Fail(modelPath,
                $"sample {sample} has label {label}, but the model has {classes} classes, 0 to {classes - 1}");
        }

        int rankBefore = ClassScores.Rank(before, label), rankAfter = ClassScores.Rank(after, label);
        top1[Cell(rankBefore < 1, rankAfter < 1)]++;
        top5[Cell(rankBefore < 5, rankAfter < 5)]++;
    }

    /// <summary>The cell in the order of the parameters of <see cref="PairedOutcomes"/>.</summary>
    static int Cell(bool rightBefore, bool rightAfter) => (rightBefore ? 0 : 2) + (rightAfter ? 0 : 1);

    static string? Obstacle(string? output, RunResult before, RunResult after, int count)
    {
        if (output is null)
            return "the model has no float32 output to take scores from";
        var shape = before.Shape(output)!;
        if (shape.Length < 2 || shape[0] != count || shape[1] < 2 || shape[2..].Any(size => size != 1))
            return $"it needs scores of shape [N, classes], and the first float32 output '{output}' is [{string.Join(",", shape)}]";
        return OutputMatch.Mismatch(output, before, after);
    }
}
