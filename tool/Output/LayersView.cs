using Compress.Reporting;
using Compress.Techniques;

namespace Compress.Tool.Output;

/// <summary>What was done to each layer, and why others were left alone.</summary>
static class LayersView
{
    const string NotAsked = "the policy asks nothing of it";

    /// <summary>How many names a collapsed line still tells.</summary>
    const int FewNames = 3;

    /// <param name="page">Where to write.</param>
    /// <param name="layers">The original's layers.</param>
    /// <param name="everything">Whether skipped techniques and untouched layers have rows of their own.</param>
    public static void Write(Page page, IReadOnlyList<LayerReport> layers, bool everything)
    {
        var sheet = new Sheet("Layer", "Op", "Done", "Form", "Parameters>", "MACs>", "Error>");
        foreach (var layer in layers)
        {
            var done = layer.Techniques.Where(change => change.Skipped is null).ToList();
            if (done.Count > 0)
                AddDone(sheet, layer, done);
            if (everything)
                AddLeftAlone(sheet, layer);
        }

        page.Table(sheet);
        if (!everything)
            WriteLeftAlone(page, layers);
    }

    static void AddDone(Sheet sheet, LayerReport layer, List<LayerChange> done)
    {
        var (before, after) = (done[0].Before, done[^1].After);
        sheet.Add(
            layer.Name,
            layer.Op,
            Cell.Steps(done.Select(change => $"{change.Kind} {change.Settings}".TrimEnd())),
            Cell.Change(before?.Form ?? Cell.Nothing, after?.Form ?? Cell.Nothing),
            Cell.Change(Human.Count(before?.Parameters), Human.Count(after?.Parameters)),
            Human.Change(before?.Macs, after?.Macs),
            Cell.Steps(done.Select(change => Human.Percent(change.Error))));
    }

    static void AddLeftAlone(Sheet sheet, LayerReport layer)
    {
        var reasons = layer.Techniques.Where(change => change.Skipped is not null).Select(change => $"no {change.Kind}: {change.Skipped}").ToList();
        if (layer.Techniques.Count == 0)
            reasons.Add($"left alone: {NotAsked}");
        foreach (var reason in reasons)
        {
            Cell[] texts = [layer.Name, layer.Op, reason, "", "", "", ""];
            sheet.Add([.. texts.Select(cell => cell with { Style = Tone.Dim })]);
        }
    }

    static void WriteLeftAlone(Page page, IReadOnlyList<LayerReport> layers)
    {
        var reasons = layers.SelectMany(layer => layer.Techniques.Where(change => change.Skipped is not null)
            .Select(change => (Layer: layer.Name, By: $" by {change.Kind}", Why: change.Skipped!))).ToList();
        reasons.AddRange(layers.Where(layer => layer.Techniques.Count == 0).Select(layer => (layer.Name, "", NotAsked)));
        foreach (var group in reasons.GroupBy(reason => (reason.By, reason.Why)))
        {
            var names = group.Select(reason => reason.Layer).ToList();
            var few = names.Count <= FewNames ? $" ({string.Join(", ", names)})" : "";
            page.Line($"{Human.Plural(names.Count, "layer")} {(names.Count == 1 ? "was" : "were")} left alone{group.Key.By}{few}: {group.Key.Why}", Tone.Dim);
        }

        if (reasons.Count > 0)
            page.Blank();
    }
}
