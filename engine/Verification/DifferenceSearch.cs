using Compress.Data;
using Compress.Diagnostics;
using Compress.Execution;
using Compress.Models;

namespace Compress.Verification;

/// <summary>A node of the rewritten model that gives other values than the original has there.</summary>
/// <param name="Node">The node.</param>
/// <param name="Tensor">Its output that differs.</param>
/// <param name="Difference">How it differs.</param>
sealed record DifferingNode(Node Node, string Tensor, TensorDifference Difference)
{
    public override string ToString() => $"{Node.OpType} '{Node.DisplayName}', whose output '{Tensor}' {Difference.Text}";
}

/// <summary>
/// Looks for the node at which a rewritten model begins to differ, by the inner tensors that both models have by name. A node that is the same
/// in both models, and whose inputs differ by rounding alone, is not to blame for what it makes of that: Round, TopK or NonMaxSuppression
/// may choose otherwise between values that are next to equal. Neither are nodes that draw random numbers, nor those behind either.
/// </summary>
sealed class DifferenceSearch
{
    readonly Model original;
    readonly Model rewritten;
    readonly IReadOnlyDictionary<string, DataTensor> sample;
    readonly int threads;
    readonly CancellationToken cancellation;
    Dictionary<string, TensorCopy?> expected = [];
    Dictionary<string, TensorCopy?> repeated = [];
    Dictionary<string, TensorCopy?> actual = [];

    /// <summary>Tensors whose values depend on chance, or on a choice between values that are next to equal.</summary>
    readonly HashSet<string> doubtful = [];

    public DifferenceSearch(Model original, Model rewritten, IReadOnlyDictionary<string, DataTensor> sample, int threads, CancellationToken cancellation)
    {
        (this.original, this.rewritten, this.sample, this.threads, this.cancellation) = (original, rewritten, sample, threads, cancellation);
        try
        {
            Measure(model => [.. model.Graph.Nodes.SelectMany(node => node.Outputs).Where(name => name.Length > 0)]);
        }
        catch (CompressException)
        {
            // Some inner value cannot be had, such as an optional one: the outputs have to do.
            Measure(model => [.. model.Graph.Outputs.Select(output => output.Name)]);
        }

        First = Find();
    }

    /// <summary>The first node, in topological order, that is to blame; null where there is none.</summary>
    public DifferingNode? First { get; }

    /// <summary>Whether an output may differ without any pass being to blame.</summary>
    public bool IsDoubtful(string output) => doubtful.Contains(output);

    void Measure(Func<Model, string[]> tensorsOf)
    {
        using (var session = TensorTap.Open(original, tensorsOf(original), threads, prepack: false))
        {
            expected = Run(session, sample);
            // Once more in the same session: a new one would draw the same random numbers again.
            repeated = Run(session, sample);
        }

        using (var session = TensorTap.Open(rewritten, tensorsOf(rewritten), threads, prepack: false))
            actual = Run(session, sample);
    }

    Dictionary<string, TensorCopy?> Run(Session session, IReadOnlyDictionary<string, DataTensor> sample)
    {
        using var result = session.Run(sample, cancellation);
        return result.Copies();
    }

    DifferingNode? Find()
    {
        DifferingNode? first = null;
        foreach (var node in rewritten.Graph.Nodes)
        {
            foreach (var tensor in node.Outputs)
            {
                if (doubtful.Contains(tensor) || Pair(tensor, tensor) is not var (wanted, given))
                    continue;
                var isSteady = repeated[tensor] is { } again && TensorDifference.Of(wanted, again).IsAllowed;
                var difference = TensorDifference.Of(wanted, given);
                if (isSteady && difference.IsAllowed)
                    continue;
                if (isSteady && !OnlyAmplifiesRounding(node, tensor))
                    first ??= new DifferingNode(node, tensor, difference);
                else
                    Doubt(tensor);
            }
        }

        return first;
    }

    bool OnlyAmplifiesRounding(Node node, string tensor)
    {
        if (original.Graph.Producer(tensor) is not { } counterpart || !IsSameOperator(counterpart, node))
            return false;
        var differs = false;
        foreach (var (before, after) in counterpart.Inputs.Zip(node.Inputs))
        {
            if (Pair(before, after) is var (wanted, given))
            {
                var difference = TensorDifference.Of(wanted, given);
                if (!difference.IsAllowed)
                    return false;
                differs |= difference.Relative > 0;
            }
            else if (!IsSameSource(before, after))
            {
                return false;
            }
        }

        return differs;
    }

    static bool IsSameOperator(Node one, Node other) =>
        one.OpType == other.OpType && one.Domain == other.Domain && one.Inputs.Count == other.Inputs.Count && one.Outputs.Count == other.Outputs.Count
        && one.Proto.Attribute.OrderBy(attribute => attribute.Name, StringComparer.Ordinal).SequenceEqual(
            other.Proto.Attribute.OrderBy(attribute => attribute.Name, StringComparer.Ordinal));

    /// <summary>Whether two names stand for equal constants, the same fed input, or no input at all.</summary>
    bool IsSameSource(string before, string after) =>
        original.Graph.Initializer(before) is { } one
            ? rewritten.Graph.Initializer(after) is { } other && one.Renamed("").Proto.Equals(other.Renamed("").Proto)
            : before == after && original.Graph.Producer(before) is null && rewritten.Graph.Producer(after) is null;

    (TensorCopy Wanted, TensorCopy Given)? Pair(string before, string after) =>
        expected.GetValueOrDefault(before) is { } wanted && actual.GetValueOrDefault(after) is { } given ? (wanted, given) : null;

    void Doubt(string tensor)
    {
        if (!doubtful.Add(tensor))
            return;
        foreach (var output in rewritten.Graph.Consumers(tensor).ToArray().SelectMany(reader => reader.Outputs).Where(name => name.Length > 0))
            Doubt(output);
    }
}
