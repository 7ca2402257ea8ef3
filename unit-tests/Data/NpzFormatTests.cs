using System.IO.Compression;
using Compress.Policies;
using static Compress.Onnx.TensorProto.Types;
using static Compress.UnitTests.Data.DataBytes;
using static Compress.UnitTests.Data.DataFolder;

namespace Compress.UnitTests.Data;

public sealed class NpzFormatTests : IDisposable
{
    static readonly byte[] TwoRows = Npy("<f4", "(2, 2)", Floats(1, 2, 3, 4));

    readonly DataFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Arrays_feed_the_inputs_of_their_names_and_labels_are_labels(CompressionLevel level)
    {
        var zip = Zip(level, ("ids.npy", Npy("<i4", "(2, 1)", [7, 0, 0, 0, 8, 0, 0, 0])), ("a/x:0.npy", TwoRows),
            ("labels.npy", Npy("<i8", "(2,)", Longs(1, 0))), ("unused.npy", [1, 2, 3]), ("read.me", [4]));

        using var data = folder.Open(DataFormat.Npz, zip, Input("a/x:0", DataType.Float, null, 2), Input("ids", DataType.Int64, null, 1));
        var batch = data.Read(1, 1);

        Assert.Equal(new float[] { 3, 4 }, batch["a/x:0"].Values);
        Assert.Equal(new long[] { 8 }, batch["ids"].Values);
        Assert.Equal([1, 0], data.Labels!);
    }

    [Fact]
    public void An_input_without_a_batch_axis_takes_all_of_a_row()
    {
        // As of a recurrent network: its state is [layers, batch, width], and the rate is a single number.
        var zip = Zip(CompressionLevel.NoCompression, ("x.npy", TwoRows), ("state.npy", Npy("<f4", "(2, 3, 1, 1)", Floats(1, 2, 3, 4, 5, 6))),
            ("rate.npy", Npy("<i8", "(2,)", Longs(8000, 16000))));

        using var data = folder.Open(DataFormat.Npz, zip, Input(null, 2), Input("state", DataType.Float, 3, null, 1), Input("rate", DataType.Int64));
        var sample = data.Read(1, 1);

        Assert.Equal([1, 2], sample["x"].Shape);
        Assert.Equal([3, 1, 1], sample["state"].Shape);
        Assert.Equal(new float[] { 4, 5, 6 }, sample["state"].Values);
        Assert.Empty(sample["rate"].Shape);
        Assert.Equal(new long[] { 16000 }, sample["rate"].Values);
    }

    [Fact]
    public void A_missing_array_is_named_with_those_that_are_there() =>
        Assert.Contains("input 'x' float[batch,2]; it holds 'y'",
            folder.Fails("CMP3003", DataFormat.Npz, Zip(CompressionLevel.Optimal, ("y.npy", TwoRows)), Input(null, 2)));

    [Fact]
    public void Arrays_with_different_numbers_of_samples_do_not_fit_together() =>
        Assert.Contains("2 samples for 'x' and 1 for 'y'", folder.Fails("CMP3003", DataFormat.Npz,
            Zip(CompressionLevel.Optimal, ("x.npy", TwoRows), ("y.npy", Npy("<f4", "(1, 2)", Floats(1, 2)))),
            Input(null, 2), Input("y", DataType.Float, null, 2)));

    [Fact]
    public void A_name_that_stands_twice_is_malformed() =>
        Assert.Contains("'x' twice", folder.Fails("CMP3002", DataFormat.Npz, Zip(CompressionLevel.Optimal, ("x.npy", TwoRows), ("x.npy", TwoRows)), Input(null, 2)));

    [Fact]
    public void What_is_no_zip_is_malformed()
    {
        folder.Fails("CMP3002", DataFormat.Npz, TwoRows, Input(null, 2));
        folder.Fails("CMP3002", DataFormat.Npz, [], Input(null, 2));
        Assert.Contains("is gzip", folder.Fails("CMP3002", DataFormat.Npz, Gzip(Zip(CompressionLevel.Optimal, ("x.npy", TwoRows))), Input(null, 2)));
    }

    [Fact]
    public void A_number_changed_in_a_stored_array_is_noticed_by_the_checksum()
    {
        var zip = Zip(CompressionLevel.NoCompression, ("x.npy", TwoRows));
        zip[zip.AsSpan().IndexOf(Floats(3))] ^= 1;

        Assert.Contains("'samples/x.npy' does not match its checksum", folder.Fails("CMP3002", DataFormat.Npz, zip, Input(null, 2)));
    }

    [Fact]
    public void A_bomb_is_unpacked_no_further_than_its_array_declares()
    {
        var bomb = Zip(CompressionLevel.SmallestSize, ("x.npy", [.. TwoRows, .. new byte[64 << 20]]));
        var before = GC.GetAllocatedBytesForCurrentThread();

        var message = folder.Fails("CMP3002", DataFormat.Npz, bomb, Input(null, 2));

        Assert.Contains("goes on after the 16 bytes", message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }
}
