namespace Compress.Rewriting.Opsets;

/// <summary>Axes and parts that an attribute named, and that an input names now.</summary>
static class AxesAdapters
{
    /// <summary>
    /// Squeeze, Unsqueeze and ReduceSum 13, every other reduction 18: <c>axes</c> is an input. Without it a reduction still goes over
    /// all axes, since <c>noop_with_empty_axes</c> is 0 where it is not set.
    /// </summary>
    public static string? AxesAsInput(OpsetEdit edit)
    {
        if (edit.Node.Ints("axes") is { Count: 0 })
            edit.Node.Without("axes");
        edit.MoveIntegers("axes", 1);
        return null;
    }

    /// <summary>Split 13: <c>split</c> is an input.</summary>
    public static string? Split13(OpsetEdit edit)
    {
        edit.MoveIntegers("split", 1);
        return null;
    }

    /// <summary>Split 18: where no input gives the sizes of the parts, <c>num_outputs</c> gives their number.</summary>
    public static string? Split18(OpsetEdit edit)
    {
        if (edit.Node.Input(1).Length == 0)
            edit.Node.With("num_outputs", edit.Node.Outputs.Count);
        return null;
    }
}
