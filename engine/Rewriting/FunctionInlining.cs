using Compress.Diagnostics;
using Compress.Models;
using Compress.Onnx;
using Compress.Rewriting.Opsets;

namespace Compress.Rewriting;

/// <summary>
/// Puts what a local function does in the place of every node that calls it, so that the layers within become layers of the model. A function
/// whose operators mean something else in the model's opsets stays, with a warning.
/// </summary>
public sealed class FunctionInlining : IRewrite
{
    public string Name => "inline functions";

    /// <exception cref="CompressException">CMP2007: functions call each other in a circle, or too deep.</exception>
    public int Apply(Model model)
    {
        if (model.Functions.Count == 0)
            return 0;
        var calls = new FunctionCalls(model);
        var replaced = calls.Inline(model.Graph);
        var kept = calls.Kept();
        model.RemoveFunctions(function => !kept.Contains(function));
        return replaced;
    }

    /// <summary>A warning CMP2011 for each function that stays.</summary>
    public static IEnumerable<Diagnostic> Kept(Model model)
    {
        if (model.Functions.Count == 0)
            return [];
        var calls = new FunctionCalls(model);
        return calls.Kept().Select(function => Codes.FunctionKept.At(new SourcePosition(model.Path),
            $"the local function '{function.Domain}.{function.Name}' stays as it is, and no layer in it is seen: {calls.Refusal(function) ?? "a function that calls it stays"}"));
    }
}
