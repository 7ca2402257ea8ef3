using Compress.Diagnostics;
using Compress.Policies;

namespace Compress.UnitTests.Support;

/// <summary>Reads policies that are called <c>p.yaml</c>.</summary>
static class PolicyYaml
{
    /// <summary>A policy that must be free of mistakes.</summary>
    public static Policy Valid(string yaml)
    {
        var diagnostics = new DiagnosticBag();
        var policy = PolicyReader.Parse(yaml, "p.yaml", diagnostics);
        Assert.Empty(diagnostics);
        return policy!;
    }

    /// <summary>The mistakes of a policy that must have some, as the user sees them.</summary>
    public static string[] Mistakes(string yaml)
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(PolicyReader.Parse(yaml, "p.yaml", diagnostics));
        return [.. diagnostics.Select(item => item.ToString())];
    }

    /// <summary>A policy with one rule, whose technique stands in line 4.</summary>
    public static Rule Rule(string technique) => Valid(Around(technique)).Rules[0];

    /// <summary>The one mistake of a policy with one rule, whose technique stands in line 4 from column 5.</summary>
    public static string RuleMistake(string technique) => Assert.Single(Mistakes(Around(technique)));

    static string Around(string technique) => $"version: 1\nlayers:\n  - match: \"*\"\n    {technique}\n";
}
