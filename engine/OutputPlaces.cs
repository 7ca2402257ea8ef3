using Compress.Models;

namespace Compress;

/// <summary>Where a run may leave models, all beside one another.</summary>
/// <param name="Output">The compressed model.</param>
sealed record OutputPlaces(string Output)
{
    /// <summary>Where a model goes that failed its gates.</summary>
    public string Rejected => Path.ChangeExtension(Output, ".rejected.onnx");

    /// <summary>Where a rewritten model goes that computes something else than the original.</summary>
    public string BugReport => Path.ChangeExtension(Output, ".bug-report.onnx");

    public IEnumerable<string> All => [Output, Rejected, BugReport];

    /// <summary>Removes what earlier runs left that did not end well.</summary>
    public void RemoveLeftovers()
    {
        PendingModel.Delete(Rejected);
        PendingModel.Delete(BugReport);
    }
}
