using Compress.Policies;
using CsCheck;
using static Compress.Onnx.TensorProto.Types;
using static Compress.UnitTests.Data.DataBytes;
using static Compress.UnitTests.Data.DataFolder;

namespace Compress.UnitTests.Data;

public sealed class NormalizationTests : IDisposable
{
    readonly DataFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_byte_becomes_what_the_formula_says() =>
        Gen.Select(Gen.Double[-2, 2], Gen.Double[-300, 300], Gen.Double[0.01, 100]).Sample((scale, mean, std) =>
        {
            using var own = new DataFolder();
            own.With("samples", Images(1, 16, 16));
            using var data = own.Open(Source(DataFormat.Idx) with { Scale = scale, Mean = [mean], Std = [std] }, Input(null, 256));

            Assert.Equal(Enumerable.Range(0, 256).Select(v => (float)((v * scale - mean) / std)), (float[])data.Read(0, 1)["x"].Values);
        }, iter: 50);

    [Fact]
    public void Each_channel_has_its_own_mean_and_std()
    {
        // Planes longer than one step of conversion.
        const int Side = 30;
        var source = Source(DataFormat.Npy) with { Scale = 0.5, Mean = [1, 2, 3], Std = [1, 4, 0.5] };
        var pixels = Enumerable.Range(0, 2 * 3 * Side * Side).Select(i => (byte)(i * 7)).ToArray();
        folder.With("samples", Npy("|u1", $"(2, 3, {Side}, {Side})", pixels));

        using var data = folder.Open(source, Input(null, 3, Side, Side));

        Assert.Equal(pixels.Select((v, i) => (float)((v * 0.5 - source.Mean[i / (Side * Side) % 3]) / source.Std[i / (Side * Side) % 3])),
            (float[])data.Read(0, 2)["x"].Values);
    }

    [Fact]
    public void One_value_holds_for_all_channels_beside_values_for_each()
    {
        folder.With("samples", Npy("|u1", "(1, 2, 1, 1)", [10, 20]));

        using var data = folder.Open(Source(DataFormat.Npy) with { Mean = [4, 8], Std = [2] }, Input(null, 2, 1, 1));

        Assert.Equal(new float[] { 3, 6 }, data.Read(0, 1)["x"].Values);
    }

    [Fact]
    public void As_many_values_as_channels_are_wanted()
    {
        folder.With("samples", Images(1, 2, 2));

        var message = folder.Fails("CMP3003", Source(DataFormat.Idx) with { Std = [1, 2, 3] }, Input(null, 1, 2, 2));

        Assert.Contains("3 values of 'std', but the input 'x' float[batch,1,2,2] has 1 channels", message);
    }

    [Fact]
    public void Integer_inputs_are_not_normalised()
    {
        folder.With("samples", Images(1, 1, 2));

        using var data = folder.Open(Source(DataFormat.Idx) with { Scale = 0.1, Mean = [5], Std = [3] }, Input("x", DataType.Int64, null, 2));

        Assert.Equal(new long[] { 0, 1 }, data.Read(0, 1)["x"].Values);
    }
}
