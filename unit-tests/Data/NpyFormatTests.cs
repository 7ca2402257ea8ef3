using Compress.Policies;
using static Compress.Onnx.TensorProto.Types;
using static Compress.UnitTests.Data.DataBytes;
using static Compress.UnitTests.Data.DataFolder;

namespace Compress.UnitTests.Data;

public sealed class NpyFormatTests : IDisposable
{
    readonly DataFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("<f2", new byte[] { 0x00, 0x3C, 0x00, 0xC0 })]
    [InlineData(">f2", new byte[] { 0x3C, 0x00, 0xC0, 0x00 })]
    [InlineData("<f4", new byte[] { 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0 })]
    [InlineData(">f4", new byte[] { 0x3F, 0x80, 0, 0, 0xC0, 0, 0, 0 })]
    [InlineData("<f8", new byte[] { 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0 })]
    [InlineData(">f8", new byte[] { 0x3F, 0xF0, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData("|i1", new byte[] { 1, 0xFE })]
    [InlineData("<i2", new byte[] { 1, 0, 0xFE, 0xFF })]
    [InlineData(">i2", new byte[] { 0, 1, 0xFF, 0xFE })]
    [InlineData("<i4", new byte[] { 1, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF })]
    [InlineData(">i4", new byte[] { 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFE })]
    [InlineData("<i8", new byte[] { 1, 0, 0, 0, 0, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData(">i8", new byte[] { 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE })]
    public void Signed_types_are_read_in_both_byte_orders(string descr, byte[] payload) =>
        Assert.Equal(new float[] { 1, -2 }, folder.Read(DataFormat.Npy, Npy(descr, "(2, 1)", payload), Input(null, 1)).Values);

    [Theory]
    [InlineData("|u1", new byte[] { 1, 0xFF }, 255f)]
    [InlineData("<u2", new byte[] { 1, 0, 0xFF, 0xFF }, 65535f)]
    [InlineData(">u2", new byte[] { 0, 1, 0xFF, 0xFF }, 65535f)]
    [InlineData("<u4", new byte[] { 1, 0, 0, 0, 0, 0, 0, 0x80 }, 2147483648f)]
    [InlineData(">u8", new byte[] { 0, 0, 0, 0, 0, 0, 0, 1, 0x80, 0, 0, 0, 0, 0, 0, 0 }, 9223372036854775808f)]
    [InlineData("|b1", new byte[] { 1, 0 }, 0f)]
    public void Unsigned_types_and_bool_are_read(string descr, byte[] payload, float second) =>
        Assert.Equal(new[] { 1, second }, folder.Read(DataFormat.Npy, Npy(descr, "(2, 1)", payload), Input(null, 1)).Values);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Each_header_version_is_read(byte version) =>
        Assert.Equal(new float[] { 3, 4 }, folder.Read(DataFormat.Npy, Npy("<f4", "(1, 2)", Floats(3, 4), version), Input(null, 2)).Values);

    [Fact]
    public void Fortran_order_is_turned_into_row_major_order()
    {
        // a[i, j, k] = 100 i + 10 j + k of shape (2, 3, 2), first index fastest.
        var columnMajor = Floats(0, 100, 10, 110, 20, 120, 1, 101, 11, 111, 21, 121);

        var batch = folder.Read(DataFormat.Npy, Npy("<f4", "(2, 3, 2)", columnMajor, order: "True"), Input(null, 3, 2));

        Assert.Equal(new float[] { 0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121 }, batch.Values);
    }

    [Fact]
    public void A_vector_feeds_an_input_that_has_only_a_batch_axis() =>
        Assert.Equal(new long[] { 5, 6 }, folder.Read(DataFormat.Npy, Npy("<i8", "(2,)", Longs(5, 6)), Input("x", DataType.Int64, (int?)null)).Values);

    [Theory]
    [InlineData("{'fortran_order': False, 'shape': (1, 1), }", "without 'descr'")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1, 1), }", "named fields are not read")]
    [InlineData("{'descr': '<f4', 'shape': (1, 1), }", "without 'fortran_order'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, }", "without 'shape'")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1, 1), }", "type '|O'; legal are")]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (1, 1), }", "type '<c8'; legal are")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 1), }", "size '-1'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 1), }", "size '99999999999'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647, 2147483647), }", "split it")]
    [InlineData("", "without 'descr'")]
    public void A_header_that_describes_no_array_of_numbers_is_malformed(string dictionary, string finding) =>
        Assert.Contains(finding, folder.Fails("CMP3002", DataFormat.Npy, NpyOf(dictionary, Floats(1)), Input(null, 1)));

    [Fact]
    public void An_unknown_version_or_an_endless_header_is_malformed()
    {
        Assert.Contains("version 4", folder.Fails("CMP3002", DataFormat.Npy, Npy("<f4", "(1, 1)", Floats(1), version: 4), Input(null, 1)));
        byte[] endless = [0x93, .. "NUMPY"u8, 2, 0, 0xFF, 0xFF, 0xFF, 0xFF];
        Assert.Contains("4294967295 bytes", folder.Fails("CMP3002", DataFormat.Npy, endless, Input(null, 1)));
    }

    [Fact]
    public void A_single_number_is_no_set_of_samples() =>
        Assert.Contains("single number", folder.Fails("CMP3003", DataFormat.Npy, Npy("<f4", "()", Floats(1)), Input(null, 1)));
}
