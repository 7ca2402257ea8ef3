using Compress.Diagnostics;
using Compress.Tool.Commands;

namespace Compress.Tool.Output;

/// <summary>A policy for people: what each rule matches and what is asked of each layer.</summary>
static class CheckView
{
    const int FewNames = 3;

    public static void Write(Page page, PolicyCheck check, Verbosity verbosity)
    {
        if (verbosity == Verbosity.Quiet)
            return;
        if (verbosity >= Verbosity.Normal)
        {
            WriteRules(page, check.Rules, everything: verbosity >= Verbosity.Detailed);
            WriteLayers(page, check.Layers, everything: verbosity >= Verbosity.Detailed);
        }

        var errors = check.Diagnostics.Count(diagnostic => diagnostic.Severity == Severity.Error);
        var asked = check.Layers.Count(layer => layer.Asked.Count > 0);
        var summary = $"{Human.Plural(check.Rules.Count, "rule")}; something is asked of {asked} of {Human.Plural(check.Layers.Count, "layer")}";
        page.Line(errors == 0 ? $"The policy holds: {summary}" : $"{Human.Plural(errors, "error")} would end a run: {summary}", errors == 0 ? Tone.Good : Tone.Bad);
    }

    static void WriteRules(Page page, IReadOnlyList<CheckedRule> rules, bool everything)
    {
        var sheet = new Sheet("Line>", "Match", "Layers>", "Names");
        foreach (var rule in rules)
        {
            var names = string.Join(", ", everything ? rule.Layers : rule.Layers.Take(FewNames));
            sheet.Add($"{rule.Line}", rule.Match, $"{rule.Layers.Count}", everything || rule.Layers.Count <= FewNames ? names : names + ", ...");
        }

        page.Table(sheet);
    }

    static void WriteLayers(Page page, IReadOnlyList<CheckedLayer> layers, bool everything)
    {
        var sheet = new Sheet("Layer", "Op", "Asked");
        foreach (var layer in layers.Where(layer => everything || layer.Asked.Count > 0))
            sheet.Add(layer.Name, layer.Op, layer.Asked.Count == 0 ? Cell.Of("nothing", Tone.Dim) : Cell.Steps(layer.Asked));
        page.Table(sheet);
    }
}
