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
    public void A_batch_on_another_axis_than_the_first_is_one()
    {
        var state = new ModelInput("state", DataType.Float, [2, null, 4], ["", "batch", ""]);

        using var data = folder.Open(Random, Input(null, 3), state);

        Assert.Equal([1, 3], data.Read(5, 1)["x"].Shape);
        Assert.Equal([2, 1, 4], data.Read(5, 1)["state"].Shape);
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
        Assert.Contains("for example shapes: { ids: [1, 128] }", message);
        Assert.Equal([2, 7], data.Read(0, 2)["ids"].Shape);
    }

    [Fact]
    public void All_free_sizes_of_an_input_are_named_with_a_line_to_paste()
    {
        var input = new ModelInput("image:0", DataType.Float, [null, 3, null, null], ["batch", "", "height", ""]);

        var message = folder.Fails("CMP2008", Random, input);

        Assert.Contains("the sizes 'height' (axis 2), without a name (axis 3) of the model's input 'image:0' float[batch,3,height,?] are free", message);
        Assert.EndsWith("for example shapes: { 'image:0': [1, 3, 224, 224] }", message);
    }

    [Fact]
    public void A_name_that_inputs_share_stands_for_one_size()
    {
        ModelInput[] inputs =
        [
            new("mask", DataType.Int64, [null, null, null], ["batch", "length", "length"]),
            new("ids", DataType.Int64, [null, null], ["batch", "length"]),
            new("past", DataType.Float, [null, null, 4], ["batch", "before", ""]),
        ];
        DataSource With(params (string Input, int[] Shape)[] shapes) => Random with { Shapes = shapes.ToDictionary(entry => entry.Input, entry => entry.Shape) };

        using var data = folder.Open(With(("ids", [1, 7]), ("past", [1, 2, 4])), inputs);
        var batch = data.Read(0, 2);

        Assert.Equal([2, 7, 7], batch["mask"].Shape);
        Assert.Equal([2, 2, 4], batch["past"].Shape);
        Assert.Contains("the size 'before' (axis 1) of the model's input 'past'", folder.Fails("CMP2008", With(("ids", [1, 7])), inputs));
        Assert.Contains("the size 'length' is 5 in 'mask' (axis 1) and 7 in 'ids' (axis 1)", folder.Fails("CMP3003", With(("ids", [1, 7]), ("mask", [1, 5, 5])), inputs));
        Assert.Contains("the size 'length' is 5 in 'mask' (axis 1) and 6 in 'mask' (axis 2)", folder.Fails("CMP3003", With(("mask", [1, 5, 6])), inputs));
    }

    [Fact]
    public void A_batch_is_no_size_to_agree_on()
    {
        ModelInput[] inputs = [new("x", DataType.Float, [null, 3], ["batch", ""]), new("z", DataType.Float, [null, 2], ["batch", ""])];

        using var data = folder.Open(Random with { Shapes = new Dictionary<string, int[]> { ["x"] = [1, 3], ["z"] = [8, 2] } }, inputs);

        Assert.Equal([4, 2], data.Read(0, 4)["z"].Shape);
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
