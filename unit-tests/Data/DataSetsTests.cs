using System.IO.Compression;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Policies;
using CsCheck;
using static Compress.Onnx.TensorProto.Types;
using static Compress.UnitTests.Data.DataBytes;
using static Compress.UnitTests.Data.DataFolder;

namespace Compress.UnitTests.Data;

public sealed class DataSetsTests : IDisposable
{
    readonly DataFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Images_take_the_shape_that_the_input_wants_without_moving_a_pixel()
    {
        (int?[] Input, int[] Batch)[] cases =
        [
            ([null, 1, 2, 3], [4, 1, 2, 3]), ([null, null, null, null], [4, 1, 2, 3]), ([1, 1, 2, 3], [4, 1, 2, 3]), ([null, 2, 3, 1], [4, 2, 3, 1]),
            ([null, 2, 3], [4, 2, 3]), ([null, null, 3], [4, 2, 3]), ([null, 6], [4, 6]), ([], [4, 2, 3]),
        ];

        Assert.All(cases, expected =>
        {
            var batch = folder.Read(DataFormat.Idx, Images(4, 2, 3), Input(expected.Input));
            Assert.Equal(expected.Batch, batch.Shape);
            Assert.Equal(Enumerable.Range(0, 24).Select(i => (float)i), (float[])batch.Values);
        });
    }

    [Fact]
    public void Samples_that_do_not_fit_are_told_with_both_shapes()
    {
        int?[][] inputs = [[null, 3, 2, 3], [null, 3, 2], [null, 7], [null, null], [null], [null, 1, 1, 2, 3]];

        Assert.All(inputs, dimensions =>
        {
            var message = folder.Fails("CMP3003", DataFormat.Idx, Images(4, 2, 3), Input(dimensions));
            Assert.Contains($"uint8[4,2,3], which does not fit the model's input {Input(dimensions)}", message);
        });
    }

    [Fact]
    public void Channels_last_are_not_taken_for_channels_first() =>
        folder.Fails("CMP3003", DataFormat.Npy, Npy("|u1", "(1, 2, 2, 3)", new byte[12]), Input(null, 3, 2, 2));

    [Fact]
    public void Arrays_that_give_two_sizes_to_one_name_are_refused()
    {
        ModelInput[] inputs = [new("ids", DataType.Int64, [null, null], ["batch", "length"]), new("mask", DataType.Int64, [null, null], ["batch", "length"])];
        byte[] Npz(int length) => Zip(CompressionLevel.Fastest, ("ids.npy", Npy("<i8", "(2, 3)", Longs(new long[6]))), ("mask.npy", Npy("<i8", $"(2, {length})", Longs(new long[2 * length]))));

        using var data = folder.Open(DataFormat.Npz, Npz(3), inputs);

        Assert.Equal([2, 3], data.Read(0, 2)["mask"].Shape);
        Assert.Contains("contradicts itself: the size 'length' is 3 in 'ids' (axis 1) and 4 in 'mask' (axis 1), and the model wants them to be the same",
            folder.Fails("CMP3003", DataFormat.Npz, Npz(4), inputs));
    }

    [Fact]
    public void One_array_cannot_feed_two_inputs() => Assert.Contains("the model has 2",
        folder.Fails("CMP3003", DataFormat.Idx, Images(1, 1, 1), Input(null, 1), Input("y", DataType.Float, null, 1)));

    [Fact]
    public void The_input_that_a_source_names_must_be_the_model_s()
    {
        var source = Source(DataFormat.Idx) with { Input = "y" };

        Assert.Contains("input 'y', but the model has 'x'", folder.With("samples", Images(1, 1, 1)).Fails("CMP3003", source, Input(null, 1)));
    }

    [Fact]
    public void Fractions_do_not_feed_an_integer_input() => Assert.Contains("takes integers",
        folder.Fails("CMP3003", DataFormat.Npy, Npy("<f4", "(1, 1)", Floats(1)), Input("x", DataType.Int64, null, 1)));

    [Fact]
    public void An_input_of_strings_cannot_be_fed() => Assert.Contains("cannot feed",
        folder.Fails("CMP3003", DataFormat.Idx, Images(1, 1, 1), Input("x", DataType.String, null, 1)));

    [Theory]
    [InlineData(DataType.Int8)]
    [InlineData(DataType.Bool)]
    public void A_number_out_of_the_input_s_range_is_told_with_its_sample(DataType type)
    {
        using var data = folder.Open(DataFormat.Idx, Idx(0x08, [2, 1], 1, 200), Input("x", type, null, 1));

        data.Read(0, 1);
        var exception = Assert.Throws<CompressException>(() => data.Read(0, 2));

        Assert.Contains("sample 1", exception.Message);
        Assert.Equal("CMP3003", exception.Diagnostics[0].Code);
    }

    [Theory]
    [InlineData(DataType.Float16)]
    [InlineData(DataType.Float)]
    [InlineData(DataType.Double)]
    [InlineData(DataType.Uint8)]
    [InlineData(DataType.Int8)]
    [InlineData(DataType.Uint16)]
    [InlineData(DataType.Int16)]
    [InlineData(DataType.Uint32)]
    [InlineData(DataType.Int32)]
    [InlineData(DataType.Uint64)]
    [InlineData(DataType.Int64)]
    [InlineData(DataType.Bool)]
    public void Numbers_are_converted_to_the_input_s_type(DataType type)
    {
        var batch = folder.Read(DataFormat.Idx, Idx(0x08, [1, 3], 1, 0, 1), Input("x", type, null, 3));

        Assert.Equal(type, batch.Type);
        Assert.Equal([1, 0, 1], batch.Values.Cast<object>().Select(value => value is Half half ? (double)half : Convert.ToDouble(value)));
    }

    [Fact]
    public void Skipping_comes_before_taking()
    {
        using var data = folder.With("samples", Images(10, 1, 1)).Open(Source(DataFormat.Idx) with { Skip = 3, Take = 4 }, Input(null, 1));

        Assert.Equal(new float[] { 3, 4, 5, 6 }, data.Read(0, 4)["x"].Values);
    }

    [Fact]
    public void Nothing_left_after_skipping_or_taking_is_an_error()
    {
        folder.With("samples", Images(10, 1, 1));

        Assert.Contains("leaves none of the 10 samples", folder.Fails("CMP3005", Source(DataFormat.Idx) with { Skip = 10 }, Input(null, 1)));
        Assert.Contains("'take' of 0", folder.Fails("CMP3005", Source(DataFormat.Idx) with { Take = 0 }, Input(null, 1)));
    }

    [Fact]
    public void A_shuffle_is_a_permutation_that_depends_on_the_seed_alone() =>
        Gen.Select(Gen.Int[1, 300], Gen.Int[0, 299], Gen.Int).Where((count, skip, _) => skip < count).Sample((count, skip, seed) =>
        {
            int[] Draw(int? take)
            {
                var order = new SampleOrder(count, skip, take, seed);
                return [.. Enumerable.Range(0, order.Count).Select(i => order[i])];
            }

            var all = Draw(null);
            Assert.Equal(Enumerable.Range(skip, count - skip), all.Order());
            Assert.Equal(all, Draw(null));
            Assert.Equal(all[..((count - skip + 1) / 2)], Draw((count - skip + 1) / 2));
        }, iter: 200);

    [Fact]
    public void Another_seed_gives_another_order_and_the_source_s_own_goes_first()
    {
        folder.With("samples", Images(100, 1, 1));
        float[] Order(int? own, int run)
        {
            using var data = DataSets.Open(Source(DataFormat.Idx) with { Shuffle = true, Seed = own, File = At("samples") },
                folder.PathOf, [Input(null, 1)], run, []);
            return (float[])data.Read(0, 100)["x"].Values;
        }

        Assert.NotEqual(Order(null, 1), Order(null, 2));
        Assert.Equal(Order(1, 2), Order(null, 1));
    }

    [Fact]
    public void Batches_of_any_size_hold_the_same_samples()
    {
        using var data = folder.Open(DataFormat.Idx, Images(7, 2, 2), Input(null, 4));

        var whole = (float[])data.Read(0, 7)["x"].Values;
        var parts = new[] { (0, 3), (3, 3), (6, 1) }.SelectMany(part => (float[])data.Read(part.Item1, part.Item2)["x"].Values);

        Assert.Equal(whole, parts);
    }

    [Fact]
    public void The_files_of_a_source_are_its_samples_and_its_labels()
    {
        Assert.Equal(["samples", "labels"], DataFiles.Of(Source(DataFormat.Idx, "labels")));
        Assert.Equal(["samples"], DataFiles.Of(Source(DataFormat.Npz)));
        Assert.Empty(DataFiles.Of(Source(DataFormat.Random)));
    }
}
