using System.Collections.Concurrent;
using Compress.Diagnostics;
using Compress.Models;
using Compress.Quantization;
using Compress.Rewriting;
using Compress.Rewriting.Opsets;
using Microsoft.ML.OnnxRuntime;
using Xunit.Abstractions;

namespace Compress.IntegrationTests.Conformance;

/// <summary>
/// Every model of ONNX's conformance suite that ONNX Runtime runs gives the same outputs after loading, rewriting and saving, and
/// again after an upgrade to the newest opset.
/// </summary>
public sealed class ConformanceTests(ITestOutputHelper output)
{
    /// <summary>
    /// Operators that ONNX Runtime computes by another kernel in newer opsets, with other rounding; docs/models.md lists them. All
    /// other outputs are the same to the bit.
    /// </summary>
    static readonly Dictionary<string, double> RoundedOtherwise = new() { ["AveragePool"] = 1e-6 };

    [Fact]
    public void Every_model_that_runs_gives_the_same_outputs_when_rewritten_and_when_upgraded()
    {
        Assert.True(Directory.Exists(ConformanceCase.Folder),
            $"{ConformanceCase.Folder} is missing; install Debian's package libonnx-testdata (apt-get install libonnx-testdata)");
        var cases = ConformanceCase.All();
        var outcomes = new ConcurrentBag<Outcome>();
        Parallel.ForEach(cases, new ParallelOptions { MaxDegreeOfParallelism = 2 }, item => outcomes.Add(Try(item)));

        foreach (var group in outcomes.Where(outcome => outcome.LeftOut is not null).GroupBy(outcome => outcome.LeftOut!).OrderByDescending(group => group.Count()))
            output.WriteLine($"left out, {group.Key}: {group.Count()}: {string.Join(", ", group.Select(outcome => outcome.Case.Name).Order(StringComparer.Ordinal))}");
        foreach (var group in outcomes.SelectMany(outcome => outcome.Refusals.Select(refusal => (refusal.Operator, refusal.Reason, outcome.Case.Name)).Distinct())
            .GroupBy(entry => (entry.Operator, entry.Reason)).OrderByDescending(group => group.Count()))
        {
            output.WriteLine($"not upgraded, {group.Key.Operator} {group.Key.Reason}: {group.Count()}: {string.Join(", ", group.Select(entry => entry.Name).Order(StringComparer.Ordinal))}");
        }

        var ran = outcomes.Where(outcome => outcome.LeftOut is null).ToList();
        var upgraded = ran.Count(outcome => outcome.Refusals.Count == 0);
        output.WriteLine($"{cases.Count} models; {ran.Count} run and were rewritten; {upgraded} of them were upgraded to opset {OpsetUpgrade.Newest}, {ran.Count - upgraded} refused");
        var wrong = ran.SelectMany(outcome => outcome.Wrong.Select(what => $"{outcome.Case.Name}: {what}")).Order(StringComparer.Ordinal).ToList();
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.True(ran.Count >= 950, $"only {ran.Count} models ran");
        Assert.True(upgraded >= 950, $"only {upgraded} models were upgraded");
    }

    static Outcome Try(ConformanceCase item)
    {
        var original = File.ReadAllBytes(item.ModelPath);
        IReadOnlyDictionary<string, OnnxData> inputs;
        RunOutputs expected;
        try
        {
            using var model = Model.Load(item.ModelPath);
            inputs = item.ReadInputs(model);
            expected = RunOutputs.Of(original, inputs);
            if (expected.DifferenceOf(RunOutputs.Of(original, inputs), 0) is not null)
                return new Outcome(item, "its outputs are random");
        }
        catch (OnnxRuntimeException exception)
        {
            return new Outcome(item, $"ONNX Runtime does not run it ({exception.Message.Split(']')[0].TrimStart('[')})");
        }
        catch (NotSupportedException exception)
        {
            return new Outcome(item, exception.Message);
        }
        catch (CompressException exception)
        {
            return new Outcome(item, null) { Wrong = [$"is not loaded: {exception.Message}"] };
        }

        var wrong = new List<string>();
        Check("rewritten", null);
        Check("rewritten and upgraded to 13", 13);
        var refusals = Check("rewritten and upgraded", OpsetUpgrade.Newest).Concat(Check("upgraded", OpsetUpgrade.Newest)).ToList();
        return new Outcome(item, null) { Wrong = wrong, Refusals = refusals };

        IReadOnlyList<OpsetRefusal> Check(string what, int? target)
        {
            try
            {
                using var model = Model.Load(item.ModelPath);
                if (what.StartsWith("rewritten", StringComparison.Ordinal))
                    Rewriter.Run(model);
                if (target is { } opset && OpsetUpgrade.Run(model, opset) is { Succeeded: false } result)
                    return result.Refusals;
                var bytes = Saved(model);
                var tolerance = target != OpsetUpgrade.Newest ? 0 : model.Graph.Nodes.Max(node => RoundedOtherwise.GetValueOrDefault(node.OpType));
                if (expected.DifferenceOf(RunOutputs.Of(bytes, inputs), tolerance) is { } difference)
                    wrong.Add($"{what}: {difference}");
            }
            catch (Exception exception)
            {
                wrong.Add($"{what}: {exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}");
            }

            return [];
        }
    }

    static byte[] Saved(Model model)
    {
        var path = Path.Combine(Path.GetTempPath(), $"compress-conformance-{Guid.NewGuid():N}.onnx");
        try
        {
            model.Save(path);
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    sealed record Outcome(ConformanceCase Case, string? LeftOut)
    {
        public IReadOnlyList<OpsetRefusal> Refusals { get; init; } = [];

        public IReadOnlyList<string> Wrong { get; init; } = [];
    }
}
