using System.Collections;

namespace Compress.Diagnostics;

/// <summary>Collects diagnostics in the order in which they are found, each text once.</summary>
public sealed class DiagnosticBag : IReadOnlyCollection<Diagnostic>
{
    readonly List<Diagnostic> items = [];
    readonly HashSet<Diagnostic> known = [];

    public int Count => items.Count;

    public bool HasErrors => items.Exists(item => item.Severity == Severity.Error);

    public void Add(Diagnostic diagnostic)
    {
        if (known.Add(diagnostic))
            items.Add(diagnostic);
    }

    public void AddRange(IEnumerable<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
            Add(diagnostic);
    }

    /// <summary>Ends the run if an error was collected.</summary>
    /// <exception cref="CompressException">The bag holds an error.</exception>
    public void ThrowIfErrors()
    {
        if (HasErrors)
            throw new CompressException([.. items]);
    }

    public IEnumerator<Diagnostic> GetEnumerator() => items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
