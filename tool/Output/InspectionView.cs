using Compress.Tool.Commands;

namespace Compress.Tool.Output;

/// <summary>A model for people: its layers and what can be done to each, or the groups of its channels.</summary>
static class InspectionView
{
    public static void Write(Page page, Inspection inspection, bool groups, Verbosity verbosity)
    {
        if (verbosity == Verbosity.Quiet)
            return;
        var model = inspection.Model;
        if (verbosity >= Verbosity.Normal && groups)
            WriteGroups(page, inspection);
        else if (verbosity >= Verbosity.Normal)
            WriteLayers(page, inspection);
        page.Line($"{model.Path}: {Human.Bytes(model.Bytes)}, {Human.Plural(inspection.Layers.Count, "layer")}, "
            + $"{Human.Count(model.Parameters)} parameters, {(model.Macs is null ? "MACs not known" : $"{Human.Count(model.Macs)} MACs")}", Tone.Title);
        page.Line($"opset {inspection.Opset}, IR version {inspection.IrVersion}");
        page.Line($"inputs: {string.Join(", ", inspection.Inputs)}");
        page.Line($"outputs: {string.Join(", ", inspection.Outputs)}");
    }

    static void WriteLayers(Page page, Inspection inspection)
    {
        var sheet = new Sheet("Layer", "Op", "Weight", "Output", "Parameters>", "MACs>", "Can be done");
        foreach (var layer in inspection.Layers)
        {
            sheet.Add(layer.Name, layer.Op, layer.Weight, layer.Output ?? Cell.Nothing, Human.Count(layer.Parameters), Human.Count(layer.Macs),
                layer.Techniques.Count == 0 ? Cell.Of("nothing", Tone.Dim) : string.Join(", ", layer.Techniques));
        }

        page.Table(sheet);
    }

    static void WriteGroups(Page page, Inspection inspection)
    {
        var sheet = new Sheet("Group>", "Channels>", "Made by", "Coupled by", "Read by", "Goes along", "Pinned");
        foreach (var (index, group) in inspection.Groups.Index())
        {
            sheet.Add($"{index + 1}", group.Width == 1 ? $"{group.Channels}" : $"{group.Channels} x {group.Width}", Names(group.MadeBy), Names(group.CoupledBy),
                Names(group.ReadBy), Names(group.Along), group.PinnedBy is { } reason ? Cell.Of(reason, Tone.Dim) : Cell.Nothing);
        }

        page.Table(sheet);
    }

    static Cell Names(IReadOnlyList<string> names) => names.Count == 0 ? Cell.Nothing : Cell.Steps(names);
}
