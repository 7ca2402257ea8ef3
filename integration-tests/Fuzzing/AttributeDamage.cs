using Compress.Onnx;
using Google.Protobuf;
using static Compress.Onnx.AttributeProto.Types;

namespace Compress.IntegrationTests.Fuzzing;

/// <summary>Attributes of the wrong type, value, name and number.</summary>
static class AttributeDamage
{
    static readonly string[] Names =
    [
        "axis", "axes", "perm", "pads", "strides", "dilations", "kernel_shape", "group", "transA", "transB", "alpha", "beta", "value", "value_ints", "to", "keepdims", "epsilon",
        "output_shape", "output_padding", "auto_pad", "body", "then_branch", "hidden_size", "mode", "ceil_mode", "split", "num_outputs", "block_size", "activations", "direction",
    ];

    public static void Of(NodeProto node, Random random)
    {
        if (node.Attribute.Count == 0 || random.Chance(25))
        {
            node.Attribute.Add(Any(random.Of(Names), random));
            return;
        }

        var at = random.Next(node.Attribute.Count);
        var attribute = node.Attribute[at];
        switch (random.Next(8))
        {
            case 0:
                node.Attribute.RemoveAt(at);
                break;
            case 1:
                node.Attribute.Add(attribute.Clone());
                break;
            case 2:
                attribute.Type = (AttributeType)(random.Chance(80) ? random.Next(16) : (int)random.Extreme());
                break;
            case 3:
                node.Attribute[at] = Any(attribute.Name, random);
                break;
            case 4:
                attribute.Name = random.Of(Names);
                break;
            case 5:
                attribute.RefAttrName = "elsewhere";
                break;
            default:
                attribute.I = random.Extreme();
                if (attribute.Ints.Count > 0)
                    attribute.Ints[random.Next(attribute.Ints.Count)] = random.Extreme();
                if (random.Chance(20))
                    attribute.Ints.AddRange(Enumerable.Repeat(random.Extreme(), random.Next(1, 50)));
                if (random.Chance(20))
                    attribute.Ints.Clear();
                break;
        }
    }

    static AttributeProto Any(string name, Random random)
    {
        var attribute = new AttributeProto { Name = name };
        switch (random.Next(8))
        {
            case 0:
                (attribute.Type, attribute.I) = (AttributeType.Int, random.Extreme());
                break;
            case 1:
                (attribute.Type, attribute.F) = (AttributeType.Float, float.NaN);
                break;
            case 2:
                (attribute.Type, attribute.S) = (AttributeType.String, random.Of([ByteString.Empty, ByteString.CopyFromUtf8("SAME_UPPER"), ByteString.CopyFrom(0xFF, 0xC0)]));
                break;
            case 3:
                attribute.Type = AttributeType.Ints;
                attribute.Ints.AddRange(Enumerable.Range(0, random.Next(6)).Select(_ => random.Extreme()));
                break;
            case 4:
                (attribute.Type, attribute.T) = (AttributeType.Tensor, new TensorProto { DataType = random.Next(25), Dims = { random.Extreme() } });
                break;
            case 5:
                (attribute.Type, attribute.G) = (AttributeType.Graph, new GraphProto());
                break;
            case 6:
                attribute.Type = AttributeType.Graphs;
                attribute.Graphs.Add(new GraphProto { Name = "g" });
                break;
            default:
                (attribute.Type, attribute.SparseTensor) = (AttributeType.SparseTensor, new SparseTensorProto());
                break;
        }

        return attribute;
    }
}
