using Compress.Models;

namespace Compress.Pruning.Dependencies;

/// <summary>
/// Union-find over units. A unit is what one index of a tensor's axis stands for; units that can only go together are joined, and a set
/// of joined units is a class: one channel of a group. Each join remembers the node that made it necessary, each pin its reason.
/// </summary>
sealed class UnitSets
{
    readonly List<int> parents = [];
    readonly Dictionary<int, string> pins = [];
    readonly List<(int Unit, Node By)> joins = [];

    /// <summary>The joins that made one class of two, in the order in which they were made.</summary>
    public IReadOnlyList<(int Unit, Node By)> Joins => joins;

    public int Count => parents.Count;

    /// <summary>New units, each by itself.</summary>
    public int[] Fresh(int count)
    {
        var first = parents.Count;
        var units = new int[count];
        for (var i = 0; i < count; i++)
        {
            units[i] = first + i;
            parents.Add(first + i);
        }

        return units;
    }

    /// <summary>The unit that stands for the class: the one that was made first.</summary>
    public int Find(int unit)
    {
        while (parents[unit] != unit)
        {
            parents[unit] = parents[parents[unit]];
            unit = parents[unit];
        }

        return unit;
    }

    public void Join(int one, int other, Node by)
    {
        var (root, child) = (Find(one), Find(other));
        if (root == child)
            return;
        if (root > child)
            (root, child) = (child, root);
        parents[child] = root;
        joins.Add((root, by));
        if (pins.Remove(child, out var reason))
            pins.TryAdd(root, reason);
    }

    /// <summary>Keeps the unit's class as it is; the first reason counts.</summary>
    public void Pin(int unit, string reason) => pins.TryAdd(Find(unit), reason);

    /// <summary>What keeps the unit's class as it is; null where it may go.</summary>
    public string? PinOf(int unit) => pins.GetValueOrDefault(Find(unit));
}
