using Compress.Data;
using Compress.Diagnostics;
using Compress.Execution;
using Compress.Models;
using Compress.Rewriting;

namespace Compress.Verification;

/// <summary>
/// Compares a rewritten model with the original, both loaded without the runtime's own optimizations: what is compared is what the files
/// say, and such sessions cost the least. Only one is open at a time. Where the models differ, the passes are run again one by one to
/// find the one to blame.
/// </summary>
/// <param name="original">The model as it was read; not to be edited.</param>
/// <param name="passes">The passes that the rewritten model went through.</param>
/// <param name="threads">Threads within an operator.</param>
/// <param name="cancellation">Stops a run within the runtime.</param>
sealed class RewriteVerifier(Model original, IReadOnlyList<IRewrite> passes, int threads, CancellationToken cancellation)
{
    readonly SessionSettings settings = SessionSettings.Once(threads);

    /// <summary>Loads the rewritten model and does nothing more.</summary>
    /// <param name="rewritten">The model after all passes.</param>
    /// <param name="why">Why nothing more is done.</param>
    public VerificationResult Load(Model rewritten, string why)
    {
        var verified = new Verified(0, null, $"the rewritten model was loaded and not run: {why}");
        return Refusal(() => Open(rewritten).Dispose()) is { } refusal
            ? new VerificationResult(verified, new RewriteFault(Blame(model => Refusal(() => Open(model).Dispose()) is not null), refusal))
            : new VerificationResult(verified, null);
    }

    /// <summary>Runs both models on a sample and compares all that they give.</summary>
    /// <param name="rewritten">The model after all passes.</param>
    /// <param name="sample">One sample.</param>
    public VerificationResult Compare(Model rewritten, IReadOnlyDictionary<string, DataTensor> sample)
    {
        Dictionary<string, TensorCopy?> expected = [], actual = [];
        if (Refusal(() => expected = Run(Session.Open(original.Path, settings), sample)) is { } failure)
            return Load(rewritten, $"the original fails on the sample: {failure}");
        if (Refusal(() => actual = Run(Open(rewritten), sample)) is { } refusal)
        {
            return new VerificationResult(new Verified(0, null, "the rewritten model fails on the sample"),
                new RewriteFault(Blame(model => Refusal(() => Run(Open(model), sample)) is not null), refusal));
        }

        var differences = Differences(expected, actual);
        var differing = differences.Where(entry => !entry.Value.IsAllowed).Select(entry => entry.Key).ToList();
        if (differing.Count == 0)
            return new VerificationResult(new Verified(1, Greatest(differences), Omitted(expected, [])), null);
        var search = new DifferenceSearch(original, rewritten, sample, threads, cancellation);
        var doubtful = differing.Where(search.IsDoubtful).ToList();
        var verified = new Verified(1, Greatest(differences.ExceptBy(doubtful, entry => entry.Key)), Omitted(expected, doubtful));
        var wrong = differing.Except(doubtful).ToList();
        return new VerificationResult(verified, wrong.Count == 0 ? null : new RewriteFault(
            Blame(model => Differs(model, sample, expected, wrong)),
            $"output '{wrong[0]}' {differences[wrong[0]].Text}" + (search.First is { } first ? $"; the first node that differs is {first}" : "")));
    }

    Session Open(Model model) => Session.Open(model, settings);

    bool Differs(Model model, IReadOnlyDictionary<string, DataTensor> sample, Dictionary<string, TensorCopy?> expected, List<string> outputs)
    {
        Dictionary<string, TensorCopy?> actual = [];
        return Refusal(() => actual = Run(Open(model), sample)) is not null
            || Differences(expected, actual).Any(entry => !entry.Value.IsAllowed && outputs.Contains(entry.Key));
    }

    /// <summary>The first pass after which something is wrong.</summary>
    string Blame(Predicate<Model> isWrong)
    {
        var model = original.Clone();
        foreach (var pass in passes)
        {
            pass.Apply(model);
            if (isWrong(model))
                return pass.Name;
        }

        return "all passes together";
    }

    Dictionary<string, TensorCopy?> Run(Session opened, IReadOnlyDictionary<string, DataTensor> sample)
    {
        using var session = opened;
        using var result = session.Run(sample, cancellation);
        return result.Copies();
    }

    static Dictionary<string, TensorDifference> Differences(Dictionary<string, TensorCopy?> expected, Dictionary<string, TensorCopy?> actual) => expected
        .Where(entry => entry.Value is not null)
        .ToDictionary(entry => entry.Key, entry => actual.GetValueOrDefault(entry.Key) is { } given ? TensorDifference.Of(entry.Value!, given) : TensorDifference.Missing);

    static double? Greatest(IEnumerable<KeyValuePair<string, TensorDifference>> differences) => differences.Max(entry => (double?)entry.Value.Relative);

    static string? Omitted(Dictionary<string, TensorCopy?> expected, List<string> doubtful)
    {
        List<string> reasons =
        [
            .. expected.Where(entry => entry.Value is null).Select(entry => $"output '{entry.Key}' is no tensor"),
            .. doubtful.Select(output => $"output '{output}' depends on random numbers, or on a choice between values that differ by rounding alone"),
        ];
        return reasons.Count > 0 ? string.Join("; ", reasons) : null;
    }

    /// <summary>What ONNX Runtime says against a model; null where it says nothing.</summary>
    static string? Refusal(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (CompressException exception)
        {
            return exception.Diagnostics[0].Message;
        }
    }
}
