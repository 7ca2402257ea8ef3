using Compress.Data;
using Compress.Policies;
using Compress.UnitTests.Support;
using static Compress.Onnx.TensorProto.Types;
using static Compress.UnitTests.Data.DataBytes;

namespace Compress.UnitTests.Data;

public sealed class FedTypesTests
{
    [Theory]
    [InlineData(DataType.Float16)]
    [InlineData(DataType.Double)]
    [InlineData(DataType.Uint8)]
    [InlineData(DataType.Int8)]
    [InlineData(DataType.Uint16)]
    [InlineData(DataType.Int16)]
    [InlineData(DataType.Int32)]
    [InlineData(DataType.Int64)]
    [InlineData(DataType.Uint32)]
    [InlineData(DataType.Uint64)]
    public void Inputs_of_every_type_reach_the_runtime(DataType type)
    {
        var model = new GraphBuilder().InputOf(type, "x", -1, 2).Node("Cast", ["x"], "y", node => node.With("to", (int)DataType.Float)).Output("y", -1, 2).Build();
        using var folder = new DataFolder();

        using var data = folder.Open(DataFormat.Idx, Idx(0x08, [1, 2], 3, 100), DataFolder.Input("x", type, null, 2));

        Assert.Equal([3f, 100f], Ort.Run(model, data.Read(0, 1)));
    }
}
