using Compress.Data;
using Compress.Models;
using Compress.Rewriting.Opsets;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Rewriting.Opsets;

/// <summary>Holds a model of an old opset against itself in newer ones, run by ONNX Runtime.</summary>
static class Upgraded
{
    /// <summary>
    /// Upgrades to every opset after the model's own; all must give the same bits, unless the runtime is known to compute newer
    /// versions with other rounding. The first output must be float.
    /// </summary>
    /// <returns>The model in the newest opset.</returns>
    public static Model Same(Model model, IReadOnlyDictionary<string, DataTensor>? inputs = null, double tolerance = 0)
    {
        inputs ??= Samples.For(model);
        var expected = Ort.Run(model, inputs);
        Assert.NotEmpty(expected);
        for (var target = model.Opset + 1; target < OpsetUpgrade.Newest; target++)
            AssertSame(expected, To(model, target), inputs, tolerance);
        var newest = To(model, OpsetUpgrade.Newest);
        AssertSame(expected, newest, inputs, tolerance);
        return newest;
    }

    public static Model To(Model model, int target)
    {
        var upgraded = model.Clone();
        var result = OpsetUpgrade.Run(upgraded, target);
        Assert.True(result.Succeeded, string.Join("; ", result.Refusals));
        Assert.Equal(target, upgraded.Opset);
        return upgraded;
    }

    /// <summary>The reasons of an upgrade to the newest opset that must be refused and leave the model as it is.</summary>
    public static string Refused(Model model, int target = OpsetUpgrade.Newest)
    {
        var before = model.ToBytes();
        var result = OpsetUpgrade.Run(model, target);
        Assert.False(result.Succeeded);
        Assert.Equal(result.From, result.To);
        Assert.Equal(before, model.ToBytes());
        return string.Join("; ", result.Refusals);
    }

    static void AssertSame(float[] expected, Model model, IReadOnlyDictionary<string, DataTensor> inputs, double tolerance)
    {
        var actual = Ort.Run(model, inputs);
        Assert.True(
            tolerance == 0 ? expected.AsSpan().SequenceEqual(actual) : Ort.RelativeDifference(expected, actual) <= tolerance,
            $"opset {model.Opset} gives {string.Join(" ", actual.Take(12))} instead of {string.Join(" ", expected.Take(12))}");
    }
}
