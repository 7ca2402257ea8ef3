using Compress.Models;

namespace Compress.Pruning;

/// <summary>
/// Rows of the matrix that a layer multiplies with its weights: the im2col row of an output position for a convolution
/// (input channel by kernel row by kernel column, as the weights lie), the input itself for a dense layer.
/// </summary>
public sealed class InputPatches
{
    readonly int channels;
    readonly int height;
    readonly int width;
    readonly int kernelHeight;
    readonly int kernelWidth;
    readonly int outputWidth;
    readonly int strideY;
    readonly int strideX;
    readonly int dilationY;
    readonly int dilationX;
    readonly int padTop;
    readonly int padLeft;

    InputPatches(Node node, int[] weight, int[] input, int[] output)
    {
        (channels, height, width) = (input[1], input[2], input[3]);
        (kernelHeight, kernelWidth) = (weight[2], weight[3]);
        (outputWidth, Positions) = (output[3], output[2] * output[3]);
        (strideY, strideX) = Pair(node.Ints("strides"));
        (dilationY, dilationX) = Pair(node.Ints("dilations"));
        (padTop, padLeft) = node.Text("auto_pad", "NOTSET") switch
        {
            "SAME_UPPER" => (Missing(0) / 2, Missing(1) / 2),
            "SAME_LOWER" => ((Missing(0) + 1) / 2, (Missing(1) + 1) / 2),
            "VALID" => (0, 0),
            _ => node.Ints("pads") is [var top, var left, ..] ? ((int)top, (int)left) : (0, 0),
        };

        int Missing(int axis)
        {
            var (stride, dilation, kernel) = axis == 0 ? (strideY, dilationY, kernelHeight) : (strideX, dilationX, kernelWidth);
            return Math.Max(0, ((output[axis + 2] - 1) * stride) + ((kernel - 1) * dilation) + 1 - input[axis + 2]);
        }
    }

    InputPatches(int inputs)
    {
        (channels, height, width, kernelHeight, kernelWidth, outputWidth, Positions) = (inputs, 1, 1, 1, 1, 1, 1);
        (strideY, strideX, dilationY, dilationX) = (1, 1, 1, 1);
    }

    /// <summary>Output positions of one sample.</summary>
    public int Positions { get; }

    /// <summary>Numbers in a row.</summary>
    public int RowLength => channels * kernelHeight * kernelWidth;

    /// <summary>The patches of a layer; null for a convolution that is grouped or not two-dimensional.</summary>
    /// <param name="node">Conv, Gemm or MatMul.</param>
    /// <param name="weight">Sizes of its weight.</param>
    /// <param name="input">Sizes of its input.</param>
    /// <param name="output">Sizes of its output.</param>
    public static InputPatches? Of(Node node, int[] weight, int[] input, int[] output) => node switch
    {
        _ when !node.Is("Conv") => input.Length == 2 ? new InputPatches(input[1]) : null,
        _ => weight.Length == 4 && node.Int("group", 1) == 1 ? new InputPatches(node, weight, input, output) : null,
    };

    /// <summary>Writes the row of one output position of one sample.</summary>
    /// <param name="sample">The sample's input, C·H·W numbers.</param>
    /// <param name="position">The output position, row by row.</param>
    /// <param name="row">Takes <see cref="RowLength"/> numbers.</param>
    public void Fill(ReadOnlySpan<float> sample, int position, Span<float> row)
    {
        var top = (position / outputWidth * strideY) - padTop;
        var left = (position % outputWidth * strideX) - padLeft;
        var i = 0;
        for (var channel = 0; channel < channels; channel++)
        {
            var plane = sample.Slice(channel * height * width, height * width);
            for (var ky = 0; ky < kernelHeight; ky++)
            {
                var y = top + (ky * dilationY);
                for (var kx = 0; kx < kernelWidth; kx++)
                {
                    var x = left + (kx * dilationX);
                    row[i++] = (uint)y < (uint)height && (uint)x < (uint)width ? plane[(y * width) + x] : 0;
                }
            }
        }
    }

    static (int Y, int X) Pair(IReadOnlyList<long>? values) => values is [var y, var x] ? ((int)y, (int)x) : (1, 1);
}
