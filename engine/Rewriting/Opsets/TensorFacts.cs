using Compress.Data;
using Compress.Diagnostics;
using Compress.Execution;
using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Rewriting.Opsets;

/// <summary>
/// Types and ranks of a model's outermost tensors, as ONNX Runtime infers them. Most upgrades need none: the model is loaded
/// at the first question.
/// </summary>
sealed class TensorFacts(Model model)
{
    readonly Lazy<Dictionary<string, ModelInput>> tensors = new(() => Infer(model));

    /// <summary>The element type; null where it is not known, or is that of no tensor.</summary>
    public DataType? TypeOf(string tensor) => tensors.Value.TryGetValue(tensor, out var found) ? found.Type : null;

    /// <summary>The number of dimensions; null where it is not known. The runtime does not tell a scalar from an unknown shape.</summary>
    public int? RankOf(string tensor) => tensors.Value.TryGetValue(tensor, out var found) && found.Dimensions.Length > 0 ? found.Dimensions.Length : null;

    static Dictionary<string, ModelInput> Infer(Model model)
    {
        try
        {
            using var session = TensorTap.Open(model, model.Graph.Nodes.SelectMany(node => node.Outputs).Where(name => name.Length > 0), threads: 1, prepack: false);
            return session.Inputs.Concat(session.Outputs).Where(tensor => tensor.Type != DataType.Undefined)
                .DistinctBy(tensor => tensor.Name).ToDictionary(tensor => tensor.Name);
        }
        catch (CompressException)
        {
            return [];
        }
    }
}
