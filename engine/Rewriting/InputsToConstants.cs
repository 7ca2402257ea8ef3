using Compress.Models;

namespace Compress.Rewriting;

/// <summary>
/// Up to IR version 3 every initializer had to be listed as a graph input, so that a caller could feed another value; the runtime
/// then treats none as constant. Those listings are dropped. From version 4 on a listing is a choice: only those of weights are dropped,
/// which no caller feeds and every technique needs constant.
/// </summary>
public sealed class InputsToConstants : IRewrite
{
    public string Name => "weights are no inputs";

    public int Apply(Model model)
    {
        var graph = model.Graph;
        var listingIsAChoice = model.IrVersion >= Model.FirstIrWithoutListing;
        var dropped = graph.DropInitializerInputs(name => !listingIsAChoice || graph.Readers(name).Any(node => IsWeight(node, name)));

        // Some that were never listed are found by the runtime only as long as a node of the graph itself reads them.
        if (dropped > 0 || (!listingIsAChoice && graph.Initializers.Count > 0))
            model.RaiseIrVersion(Model.FirstIrWithoutListing);
        return dropped;
    }

    static bool IsWeight(Node node, string name) =>
        node.Is("Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization", "LSTM", "GRU", "RNN") && node.Input(0) != name;
}
