using Compress.Layers;
using Compress.Models;
using Compress.Techniques;

namespace Compress.Pruning.Forms;

/// <summary>What the forms share that keep the same positions of every kernel.</summary>
static class PositionForms
{
    public static Refusal? Refuse(Layer layer) =>
        layer.Kernel.Length == 0 ? Refusal.CannotApply($"a {layer.Op} has no kernel; 'weights' and 'n-m' prune any layer")
        : layer.Weight.Count == 0 ? Refusal.CannotApply("its weight is empty")
        : null;

    public static bool[] Mask(Tensor weight, int[] positions)
    {
        var length = Cost.Count(weight.Shape.AsSpan(2));
        var kept = new bool[length];
        foreach (var position in positions)
            kept[position] = true;
        var mask = new bool[weight.Count];
        for (var i = 0; i < mask.Length; i++)
            mask[i] = kept[i % length];
        return mask;
    }

    /// <summary>The positions that a mask keeps of every kernel, ascending.</summary>
    public static int[] Positions(Layer layer, bool[] mask) =>
        [.. Enumerable.Range(0, Cost.Count(layer.Kernel)).Where(position => mask[position])];
}
