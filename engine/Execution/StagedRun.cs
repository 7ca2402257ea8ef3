using Compress.Data;
using Compress.Models;
using Microsoft.ML.OnnxRuntime;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Execution;

/// <summary>
/// Computes inner tensors of a model, from its inputs towards its outputs, on the same batches at every step. What the rest of the model
/// needs of a step is kept, so that the next one goes on from there, as long as it fits a fixed amount of memory; else that step starts
/// from what was kept before, or from the inputs. What comes after the tensors asked for may be edited between the steps.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="steps">The tensors of each step, in the order in which the steps will be taken.</param>
/// <param name="data">Samples for the model's inputs.</param>
/// <param name="batches">The samples of each batch.</param>
/// <param name="threads">Threads within an operator; 0 leaves the number to ONNX Runtime.</param>
/// <param name="mostBytes">The most memory for what is kept.</param>
sealed class StagedRun(
    Model model, IReadOnlyList<IReadOnlyList<string>> steps, DataSet data, IReadOnlyList<(int Start, int Count)> batches, int threads,
    long mostBytes = StagedRun.UsualBytes) : IDisposable
{
    /// <summary>64 MB.</summary>
    const long UsualBytes = 1L << 26;

    readonly HashSet<Node> needed = Before(model.Graph, steps.SelectMany(step => step), []);
    readonly HashSet<Node> done = [];
    readonly BatchTensors[] kept = [.. batches.Select(_ => new BatchTensors())];

    /// <summary>Computes the tensors of a step for every batch.</summary>
    /// <param name="step">The number of the step; steps may be left out.</param>
    /// <param name="use">Told the number of each batch and its tensors, which are there during the call only.</param>
    /// <param name="cancellation">Stops between batches and between operators.</param>
    public void Compute(int step, Action<int, BatchTensors> use, CancellationToken cancellation)
    {
        var tensors = steps[step];
        var run = Before(model.Graph, tensors, done);
        HashSet<Node> passed = [.. done, .. run];
        var next = steps.Skip(step + 1).SelectMany(later => later).Concat(needed.Where(node => !passed.Contains(node)).SelectMany(node => Reads(model.Graph, node)))
            .Where(name => model.Graph.Producer(name) is { } producer && passed.Contains(producer)).ToHashSet();
        HashSet<string> read = [.. run.SelectMany(node => Reads(model.Graph, node)), .. tensors];
        var computed = tensors.Concat(next).Where(name => model.Graph.Producer(name) is { } producer && run.Contains(producer)).ToHashSet();
        using var session = run.Count == 0 ? null : Open(computed, read);
        var keeps = true;
        for (var i = 0; i < batches.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var current = new BatchTensors();
            Run(session, i, read, current, cancellation);
            // While use looks at them, tensors kept before are lent.
            var lent = tensors.Where(kept[i].Values.ContainsKey).ToHashSet();
            current.MoveFrom(kept[i], lent);
            use(i, current);
            kept[i].MoveFrom(current, lent);
            current.Keep(next);
            keeps = i == 0 ? (current.Bytes + kept[i].BytesOf(next)) * batches.Count <= mostBytes : keeps;
            if (!keeps)
                continue;
            kept[i].Keep(next);
            kept[i].MoveFrom(current, next);
        }

        if (keeps)
            done.UnionWith(run);
    }

    public void Dispose()
    {
        foreach (var batch in kept)
            batch.Dispose();
    }

    void Run(Session? session, int batch, HashSet<string> read, BatchTensors results, CancellationToken cancellation)
    {
        if (model.Graph.Inputs.Any(input => read.Contains(input.Name)))
        {
            foreach (var (name, tensor) in data.Read(batches[batch].Start, batches[batch].Count).Where(entry => read.Contains(entry.Key)))
                results.Add(name, OrtTensors.ToOrtValue(tensor));
        }

        if (session is null)
            return;
        var inputs = session.Inputs.ToDictionary(input => input.Name, input => results.Values.GetValueOrDefault(input.Name) ?? kept[batch].Values[input.Name]);
        foreach (var (name, value) in session.OutputNames.Zip(session.Run(inputs, cancellation)))
            results.Add(name, value);
    }

    Session Open(IEnumerable<string> outputs, HashSet<string> read)
    {
        var stage = model.Clone();
        var inputs = model.Graph.Inputs.Where(input => read.Contains(input.Name)).ToDictionary(input => input.Name, input => (DataType)input.Type.TensorType.ElemType);
        foreach (var (name, value) in kept.SelectMany(batch => batch.Values).Where(entry => read.Contains(entry.Key)))
            inputs[name] = (DataType)(int)value.GetTensorTypeAndShape().ElementDataType;
        stage.Graph.SetInputs(inputs);
        return TensorTap.Open(stage, outputs, threads);
    }

    /// <summary>The nodes that tensors depend on, but for those that are done and what these depend on.</summary>
    static HashSet<Node> Before(Graph graph, IEnumerable<string> tensors, HashSet<Node> done)
    {
        var found = new HashSet<Node>();
        var open = new Stack<string>(tensors);
        while (open.TryPop(out var tensor))
        {
            if (graph.Producer(tensor) is not { } producer || done.Contains(producer) || !found.Add(producer))
                continue;
            foreach (var input in Reads(graph, producer))
                open.Push(input);
        }

        return found;
    }

    static IEnumerable<string> Reads(Graph graph, Node node) =>
        node.Inputs.Where(name => name.Length > 0).Concat(graph.Bodies(node).SelectMany(body => body.Captured));
}
