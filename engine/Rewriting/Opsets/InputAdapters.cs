using Compress.Models;

namespace Compress.Rewriting.Opsets;

/// <summary>Operators whose attributes became inputs, and those that changed in name or by an output alone.</summary>
static class InputAdapters
{
    const string UnknownType = "the type of its input, which its new constant inputs must have, is not known";

    /// <summary>Clip 11: <c>min</c> and <c>max</c> are inputs. A bound that is left out is still the type's own.</summary>
    public static string? Clip11(OpsetEdit edit)
    {
        foreach (var (bound, input) in (ReadOnlySpan<(string, int)>)[("min", 1), ("max", 2)])
        {
            if (!edit.Node.Has(bound))
                continue;
            if (edit.LikeFirstInput(edit.Node.Float(bound)) is not { } value)
                return UnknownType;
            edit.SetConstant(input, bound, value);
            edit.Node.Without(bound);
        }

        return null;
    }

    /// <summary>Pad 11: <c>pads</c> and the <c>value</c> to fill in are inputs; <c>mode</c> stays.</summary>
    public static string? Pad11(OpsetEdit edit)
    {
        var value = edit.Node.Float("value");
        if (value != 0)
        {
            if (edit.LikeFirstInput(value) is not { } constant)
                return UnknownType;
            edit.SetConstant(2, "value", constant);
        }

        edit.MoveIntegers("pads", 1);
        edit.Node.Without("value");
        return null;
    }

    /// <summary>Slice 10: <c>starts</c>, <c>ends</c> and <c>axes</c> are inputs.</summary>
    public static string? Slice10(OpsetEdit edit)
    {
        edit.MoveIntegers("starts", 1);
        edit.MoveIntegers("ends", 2);
        edit.MoveIntegers("axes", 3);
        return null;
    }

    /// <summary>TopK 10: <c>k</c> is an input. Version 11 gives the largest first unless told otherwise, as ever.</summary>
    public static string? TopK10(OpsetEdit edit)
    {
        edit.SetConstant(1, "k", Tensor.Of<long>("", [edit.Node.Int("k")], 1));
        edit.Node.Without("k");
        return null;
    }

    /// <summary>Dropout 10: the mask is boolean.</summary>
    public static string? Dropout10(OpsetEdit edit) => WithoutMask(edit);

    /// <summary>Dropout 12: <c>ratio</c> is an input, and outside of training the mask says that everything is kept.</summary>
    public static string? Dropout12(OpsetEdit edit)
    {
        if (WithoutMask(edit) is { } reason)
            return reason;
        if (edit.Node.Has("ratio"))
            edit.SetConstant(1, "ratio", Tensor.Scalar("", edit.Node.Float("ratio")));
        edit.Node.Without("ratio");
        return null;
    }

    /// <summary>Scatter 11: it is called ScatterElements.</summary>
    public static string? Scatter11(OpsetEdit edit)
    {
        edit.Become("ScatterElements", edit.Node.Inputs);
        return null;
    }

    /// <summary>DFT 20: <c>axis</c> is an input; where it is left out it no longer is 1.</summary>
    public static string? Dft20(OpsetEdit edit)
    {
        edit.SetConstant(2, "axis", Tensor.Scalar("", edit.Node.Int("axis", 1)));
        edit.Node.Without("axis");
        return null;
    }

    static string? WithoutMask(OpsetEdit edit)
    {
        if (edit.Graph.IsUsed(edit.Node.Output(1)))
            return "its mask, whose type and meaning changed, is used";
        edit.Graph.KeepOutputs(edit.Node, 1);
        return null;
    }
}
