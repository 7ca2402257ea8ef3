using Google.Protobuf.Collections;

namespace Compress.Models;

static class RepeatedFields
{
    /// <summary>Removes the entries for which a condition holds, keeping the order of the others.</summary>
    /// <returns>The number of entries removed.</returns>
    public static int RemoveWhere<T>(this RepeatedField<T> field, Predicate<T> condition)
    {
        var kept = field.Where(item => !condition(item)).ToList();
        var removed = field.Count - kept.Count;
        if (removed > 0)
        {
            field.Clear();
            field.AddRange(kept);
        }

        return removed;
    }
}
