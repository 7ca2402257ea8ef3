using Compress.Models;

namespace Compress.Rewriting;

/// <summary>
/// Up to IR version 3 every initializer had to be listed as a graph input, so that a caller could feed another value. The runtime
/// then treats no weight as constant. Callers of a shipped model never do that: the listing is dropped.
/// </summary>
public sealed class InputsToConstants : IRewrite
{
    const int FirstVersionWithoutListing = 4;

    public string Name => "initializers are no inputs";

    public int Apply(Model model)
    {
        var dropped = model.Graph.DropInitializerInputs();
        if (dropped > 0)
            model.RaiseIrVersion(FirstVersionWithoutListing);
        return dropped;
    }
}
