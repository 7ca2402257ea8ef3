namespace Compress.Evaluation;

/// <summary>Reads a sample's scores, one for each class. Of equal scores the one of the lower class counts as higher.</summary>
static class ClassScores
{
    /// <summary>The class with the highest score; −1 where a score is not a number, so that nothing is predicted.</summary>
    public static int Best(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            if (float.IsNaN(scores[i]))
                return -1;
            if (scores[i] > scores[best])
                best = i;
        }

        return best;
    }

    /// <summary>How many classes score higher than the label: 0 for the best; beyond any top k where a score is not a number.</summary>
    public static int Rank(ReadOnlySpan<float> scores, int label)
    {
        var rank = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            if (float.IsNaN(scores[i]))
                return int.MaxValue;
            if (scores[i] > scores[label] || (scores[i] == scores[label] && i < label))
                rank++;
        }

        return rank;
    }
}
