using Compress.Data;
using Compress.Policies;
using static Compress.Onnx.TensorProto.Types;
using static Compress.UnitTests.Data.DataFolder;

namespace Compress.UnitTests.Data;

public sealed class RandomDataSetTests : IDisposable
{
    static readonly DataSource Random = Source(DataFormat.Random);

    readonly DataFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Sixteen_samples_in_the_model_s_shapes_come_with_a_warning()
    {
        using var data = folder.Open(Random, Input(null, 3, 4), Input("mask", DataType.Int64, null, 5));
        var batch = data.Read(0, 16);

        Assert.Equal(16, data.Count);
        Assert.Null(data.Labels);
        Assert.Equal([16, 3, 4], batch["x"].Shape);
        Assert.All((long[])batch["mask"].Values, value => Assert.InRange(value, 0, 1));
        Assert.Equal("CMP3006", Assert.Single(folder.Diagnostics).Code);
    }

    [Fact]
    public void Floats_are_standard_normal()
    {
        using var data = folder.Open(Random with { Take = 10 }, Input(null, 10_000));

        var values = (float[])data.Read(0, 10)["x"].Values;
        var mean = values.Average();
        var variance = values.Average(value => (value - mean) * (value - mean));

        // Five standard errors of 100 000 draws.
        Assert.InRange(mean, -0.016, 0.016);
        Assert.InRange(variance, 0.978, 1.022);
    }

    [Fact]
    public void A_sample_depends_on_the_seed_and_its_number_but_not_on_the_batch()
    {
        float[] Read(int seed, int start, int count)
        {
            using var data = folder.Open(Random with { Seed = seed }, Input(null, 5));
            return (float[])data.Read(start, count)["x"].Values;
        }

        Assert.Equal(Read(3, 0, 4)[10..15], Read(3, 2, 1));
        Assert.NotEqual(Read(3, 0, 1), Read(4, 0, 1));
        Assert.NotEqual(Read(3, 0, 1), Read(3, 1, 1));
    }

    [Fact]
    public void A_free_size_is_asked_for_by_its_name()
    {
        var input = new ModelInput("ids", DataType.Int64, [null, null], ["batch", "length"]);

        var message = folder.Fails("CMP2008", Random, input);
        using var data = folder.Open(Random with { Shapes = new Dictionary<string, int[]> { ["ids"] = [1, 7] } }, input);

        Assert.Contains("'length' (axis 1)", message);
        Assert.Contains("shapes: { ids: [1, SIZE] }", message);
        Assert.Equal([2, 7], data.Read(0, 2)["ids"].Shape);
    }

    [Fact]
    public void An_input_without_a_shape_needs_one()
    {
        folder.Fails("CMP2008", Random, Input());
        using var data = folder.Open(Random with { Shapes = new Dictionary<string, int[]> { ["x"] = [1, 2] } }, Input());

        Assert.Equal([3, 2], data.Read(0, 3)["x"].Shape);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(1, 3, 4)]
    [InlineData(1, 0, 3)]
    [InlineData(1, int.MaxValue, 3)]
    [InlineData]
    public void Sizes_that_the_model_cannot_take_are_refused(params int[] sizes) =>
        folder.Fails("CMP3003", Random with { Shapes = new Dictionary<string, int[]> { ["x"] = sizes } }, Input(null, null, 3));

    [Fact]
    public void Sizes_for_an_input_that_is_not_there_are_refused() => Assert.Contains("'y', which is no input",
        folder.Fails("CMP3003", Random with { Shapes = new Dictionary<string, int[]> { ["y"] = [1] } }, Input(null, 3)));

    [Fact]
    public void A_model_without_inputs_takes_no_data() => folder.Fails("CMP3003", Random);
}
