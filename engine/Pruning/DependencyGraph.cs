using Compress.Models;
using Compress.Pruning.Dependencies;

namespace Compress.Pruning;

/// <summary>The dependency groups of a graph, and what removing their channels means for its constants.</summary>
public sealed class DependencyGraph
{
    readonly IReadOnlyDictionary<string, int[]?[]> layouts;
    readonly UnitSets units;

    DependencyGraph(Trace trace)
    {
        (layouts, units) = (trace.Layouts, trace.Units);
        Slices = [.. trace.Slices.Select(slice => slice with { Units = Classes(slice.Units) })];
        Indices = [.. trace.Indices.Select(slice => slice with { Units = Classes(slice.Units) })];
        Sizes = [.. trace.Sizes.Select(entry => (entry.Key, Classes(entry.Value)))];
        NeverEmpty = [.. trace.Axes.Select(Classes).Select(classes => classes.Distinct().Order().ToArray())
            .Where(classes => !Array.Exists(classes, each => each < 0 || units.PinOf(each) is not null)).DistinctBy(classes => string.Join(',', classes))];
        Groups = GroupAssembly.Of(this, trace);
    }

    /// <summary>The groups, in the order of their first layers.</summary>
    public IReadOnlyList<ChannelGroup> Groups { get; }

    /// <summary>Axes of constants, with the class of each index.</summary>
    internal IReadOnlyList<UnitSlice> Slices { get; }

    /// <summary>Constant indices into an axis, with the class of each index of that axis.</summary>
    internal IReadOnlyList<UnitSlice> Indices { get; }

    /// <summary>Written numbers, with the classes that they count.</summary>
    internal IReadOnlyList<(Place Place, int[] Classes)> Sizes { get; }

    /// <summary>Sets of classes of which one at least must stay, or else an axis of some tensor would have no index.</summary>
    internal IReadOnlyList<int[]> NeverEmpty { get; }

    internal static DependencyGraph Of(Trace trace) => new(trace);

    /// <summary>
    /// For each axis of a tensor, the class of each of its indices, −1 where an index belongs to none; null for axes without channels.
    /// Null for tensors without channels.
    /// </summary>
    internal int[]?[]? ClassesOf(string tensor) =>
        layouts.TryGetValue(tensor, out var layout) ? [.. layout.Select(axis => axis is null ? null : Classes(axis))] : null;

    int[] Classes(int[] axis) => Array.ConvertAll(axis, unit => unit < 0 ? unit : units.Find(unit));
}
