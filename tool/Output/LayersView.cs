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
        var sheet = new Sheet("Layer", "Op", "Step", "Form", "Parameters>", "MACs>", "Error>");
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

    /// <summary>A row for each step; the layer is named in the first.</summary>
    static void AddDone(Sheet sheet, LayerReport layer, List<LayerChange> done)
    {
        foreach (var (i, change) in done.Index())
        {
            var (before, after) = (change.Before, change.After);
            sheet.Add(
                i == 0 ? layer.Name : "",
                i == 0 ? layer.Op : "",
                $"{change.Kind} {change.Settings}".TrimEnd(),
                FormChange(before?.Form ?? Cell.Nothing, after?.Form ?? Cell.Nothing),
                Cell.Change(Human.Count(before?.Parameters), Human.Count(after?.Parameters)),
                Human.Change(before?.Macs, after?.Macs),
                change.ErrorBefore is { } uncorrected ? Cell.Change(Human.Percent(uncorrected), Human.Percent(change.Error)) : Human.Percent(change.Error));
        }
    }

    /// <summary>What became other: the shapes, the type, or both.</summary>
    static Cell FormChange(string before, string after)
    {
        var (shape, type) = Split(before);
        var (newShape, newType) = Split(after);
        if (type == newType && shape != newShape)
            return Cell.Change(shape, newShape);
        return shape == newShape && type != newType ? Cell.Change(type, newType) : Cell.Change(before, after);
    }

    static (string Shape, string Type) Split(string form) =>
        form.LastIndexOf(' ') is var space and > 0 ? (form[..space], form[(space + 1)..]) : (form, "");

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
