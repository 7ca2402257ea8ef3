using Compress.Policies;
using static Compress.UnitTests.Data.DataBytes;
using static Compress.UnitTests.Data.DataFolder;

namespace Compress.UnitTests.Data;

public sealed class LabelReaderTests : IDisposable
{
    readonly DataFolder folder = new DataFolder().With("samples", Images(3, 1, 1));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Labels_come_from_idx_and_npy_files_of_any_integer_type()
    {
        byte[][] files =
        [
            Idx(0x08, [3], 0, 1, 2), Gzip(Idx(0x08, [3], 0, 1, 2)), Idx(0x0B, [3], 0, 0, 0, 1, 0, 2), Npy("<i8", "(3,)", Longs(0, 1, 2)),
            Npy("|u1", "(3, 1)", [0, 1, 2]), Npy(">u8", "(3,)", [.. Longs(0, 1, 2).Reverse().Chunk(8).Reverse().SelectMany(x => x)]),
        ];

        Assert.All(files, content =>
        {
            using var data = folder.With("labels", content).Open(Source(DataFormat.Idx, "labels"), Input(null, 1));
            Assert.Equal([0, 1, 2], data.Labels!);
        });
    }

    [Fact]
    public void Labels_follow_their_samples_through_skip_shuffle_and_take()
    {
        folder.With("samples", Images(100, 1, 1)).With("labels", Idx(0x08, [100], [.. Enumerable.Range(0, 100).Select(i => (byte)i)]));

        using var data = folder.Open(Source(DataFormat.Idx, "labels") with { Skip = 10, Take = 50, Shuffle = true }, Input(null, 1));

        Assert.Equal(50, data.Count);
        Assert.Equal(data.Labels!.Select(label => (float)label), (float[])data.Read(0, 50)["x"].Values);
    }

    [Fact]
    public void Without_labels_there_are_none()
    {
        using var data = folder.Open(Source(DataFormat.Idx), Input(null, 1));

        Assert.Null(data.Labels);
    }

    [Fact]
    public void Another_number_of_labels_than_samples_is_an_error() =>
        Assert.Contains("'labels' holds 2 labels for 3 samples", Fails(Idx(0x08, [2], 0, 1)));

    [Fact]
    public void Labels_that_are_no_class_numbers_are_told_with_their_sample()
    {
        Assert.Contains("has -1 as label of sample 1", Fails(Idx(0x09, [3], 0, 0xFF, 0)));
        Assert.Contains("has 2147483648 as label of sample 2", Fails(Npy("<i8", "(3,)", Longs(0, int.MaxValue, 1L + int.MaxValue))));
        Assert.Contains("has 18446744073709551615 as label of sample 0", Fails(Npy("<u8", "(3,)", Longs(-1, 0, 0))));
        Assert.Contains("one integer for each sample", Fails(Npy("<f4", "(3,)", Floats(0, 1, 2))));
        Assert.Contains("one integer for each sample", Fails(Npy("|u1", "(3, 2)", new byte[6])));
        Assert.Contains("one integer for each sample", Fails(Npy("|u1", "()", new byte[1])));
    }

    [Fact]
    public void A_missing_or_malformed_label_file_is_told_by_its_name()
    {
        Assert.Contains("'elsewhere' cannot be read", folder.Fails("CMP3001", Source(DataFormat.Idx, "elsewhere"), Input(null, 1)));
        folder.With("labels", [80, 75, 3, 4]);
        Assert.Contains("'labels' starts with the bytes [504B0304]", folder.Fails("CMP3002", Source(DataFormat.Idx, "labels"), Input(null, 1)));
    }

    string Fails(byte[] labels) => folder.With("labels", labels).Fails("CMP3004", Source(DataFormat.Idx, "labels"), Input(null, 1));
}
