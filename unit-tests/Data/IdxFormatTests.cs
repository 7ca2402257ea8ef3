using Compress.Policies;
using static Compress.UnitTests.Data.DataBytes;
using static Compress.UnitTests.Data.DataFolder;

namespace Compress.UnitTests.Data;

public sealed class IdxFormatTests : IDisposable
{
    readonly DataFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0x08, new byte[] { 0x01, 0xFF }, new float[] { 1, 255 })]
    [InlineData(0x09, new byte[] { 0x01, 0xFF }, new float[] { 1, -1 })]
    [InlineData(0x0B, new byte[] { 0x01, 0x02, 0xFF, 0xFE }, new float[] { 258, -2 })]
    [InlineData(0x0C, new byte[] { 0, 1, 0, 0, 0xFF, 0xFF, 0xFF, 0xFD }, new float[] { 65536, -3 })]
    [InlineData(0x0D, new byte[] { 0x3F, 0x80, 0, 0, 0xC0, 0, 0, 0 }, new float[] { 1, -2 })]
    [InlineData(0x0E, new byte[] { 0x3F, 0xF0, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0 }, new float[] { 1, -2 })]
    public void Each_element_type_is_read_big_endian(byte type, byte[] payload, float[] expected)
    {
        var batch = folder.Read(DataFormat.Idx, Idx(type, [2, 1], payload), Input(null, 1));

        Assert.Equal(expected, batch.Values);
        Assert.Equal([2, 1], batch.Shape);
    }

    [Fact]
    public void A_gzip_file_is_read_as_the_plain_one()
    {
        var plain = folder.Read(DataFormat.Idx, Images(7, 4, 3), Input(null, 1, 4, 3));
        var packed = folder.Read(DataFormat.Idx, Gzip(Images(7, 4, 3)), Input(null, 1, 4, 3));

        Assert.Equal(plain.Values, packed.Values);
        Assert.Equal([7, 1, 4, 3], packed.Shape);
    }

    [Fact]
    public void A_packed_file_larger_than_one_step_is_read_whole()
    {
        var batch = folder.Read(DataFormat.Idx, Gzip(Images(3000, 28, 28)), Input(null, 784));

        Assert.Equal(3000 * 784, batch.Values.Length);
        Assert.All(new[] { 0, 1 << 16, 1 << 20, 3000 * 784 - 1 }, i => Assert.Equal((byte)i, ((float[])batch.Values)[i]));
    }

    [Fact]
    public void A_missing_file_is_named_with_the_place_where_it_was_sought()
    {
        var message = folder.Fails("CMP3001", Source(DataFormat.Idx), Input(null, 1));

        Assert.Contains("'samples' cannot be read", message);
        Assert.Contains("compress-data-", message);
    }

    [Fact]
    public void A_folder_in_place_of_a_file_cannot_be_read() =>
        folder.Fails("CMP3001", Source(DataFormat.Idx) with { File = At(".") }, Input(null, 1));

    [Fact]
    public void A_path_that_no_file_can_have_cannot_be_read() =>
        folder.Fails("CMP3001", Source(DataFormat.Idx) with { File = At("a\0b") }, Input(null, 1));

    [Fact]
    public void A_file_of_another_format_is_recognised()
    {
        Assert.Contains("which is npy", folder.Fails("CMP3002", DataFormat.Idx, Npy("<f4", "(1, 1)", Floats(1)), Input(null, 1)));
        Assert.Contains("no data format", folder.Fails("CMP3002", DataFormat.Idx, [1, 2, 3], Input(null, 1)));
        Assert.Contains("no data format", folder.Fails("CMP3002", DataFormat.Idx, [], Input(null, 1)));
    }

    [Fact]
    public void An_unknown_element_type_is_named_with_those_that_are_known() =>
        Assert.Contains("0x0A; legal are 0x08", folder.Fails("CMP3002", DataFormat.Idx, Idx(0x0A, [1, 1], 1), Input(null, 1)));

    [Fact]
    public void A_file_without_axes_is_malformed() =>
        Assert.Contains("no axis", folder.Fails("CMP3002", DataFormat.Idx, Idx(0x08, [], 1), Input(null, 1)));

    [Fact]
    public void A_file_that_ends_within_its_header_is_malformed() =>
        Assert.Contains("ends within its header", folder.Fails("CMP3002", DataFormat.Idx, Images(2, 2, 2)[..10], Input(null, 2, 2)));

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_plain_file_with_more_or_less_than_declared_is_malformed(int extra)
    {
        byte[] content = extra < 0 ? Images(2, 2, 2)[..^1] : [.. Images(2, 2, 2), 0];

        var message = folder.Fails("CMP3002", DataFormat.Idx, content, Input(null, 2, 2));

        Assert.Contains($"uint8[2,2,2], which takes 8 bytes, but {8 + extra} bytes follow", message);
    }

    [Theory]
    [InlineData(int.MaxValue, 1)]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(-1, 1)]
    [InlineData(2_000_000_000, 1)]
    public void Sizes_that_lie_take_no_memory(int samples, int size)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        folder.Fails("CMP3002", DataFormat.Idx, Idx(0x08, [samples, size], 1, 2, 3), Input(null, size));
        folder.Fails("CMP3002", DataFormat.Idx, Gzip(Idx(0x08, [samples, size], 1, 2, 3)), Input(null, size));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    [Fact]
    public void A_packed_bomb_is_unpacked_no_further_than_declared()
    {
        var bomb = Gzip([.. Images(2, 2, 2), .. new byte[64 << 20]]);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var message = folder.Fails("CMP3002", DataFormat.Idx, bomb, Input(null, 2, 2));

        Assert.Contains("goes on after the 8 bytes", message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    [Fact]
    public void Every_cut_of_a_packed_file_is_noticed()
    {
        var packed = Gzip(Images(5, 3, 2));

        for (var length = 2; length < packed.Length; length++)
            folder.Fails("CMP3002", DataFormat.Idx, packed[..length], Input(null, 3, 2));
    }

    [Fact]
    public void Bytes_after_the_end_of_a_packed_file_are_noticed() =>
        Assert.Contains("pack it again", folder.Fails("CMP3002", DataFormat.Idx, [.. Gzip(Images(5, 3, 2)), 0], Input(null, 3, 2)));

    [Fact]
    public void A_file_without_samples_is_empty()
    {
        Assert.Contains("uint8[0,2,2]", folder.Fails("CMP3005", DataFormat.Idx, Idx(0x08, [0, 2, 2]), Input(null, 2, 2)));
        folder.Fails("CMP3005", DataFormat.Idx, Idx(0x08, [2, 0, 2]), Input(null, null, 2));
    }
}
