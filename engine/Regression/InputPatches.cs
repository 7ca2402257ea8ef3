using Compress.Layers;
using Compress.Models;

namespace Compress.Regression;

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
    readonly bool isDense;

    InputPatches(Node node, int[] weight, int[] input, int[] output)
    {
        // One axis is two of which the first has the size 1.
        var isFlat = weight.Length == 3;
        (channels, height, width) = (input[1], isFlat ? 1 : input[2], input[^1]);
        (kernelHeight, kernelWidth) = (isFlat ? 1 : weight[2], weight[^1]);
        (outputWidth, Positions) = (output[^1], isFlat ? output[2] : output[2] * output[3]);
        (strideY, strideX) = Pair(node.Ints("strides"));
        (dilationY, dilationX) = Pair(node.Ints("dilations"));
        (padTop, padLeft) = node.Text("auto_pad", "NOTSET") switch
        {
            "SAME_UPPER" => (Missing(0) / 2, Missing(1) / 2),
            "SAME_LOWER" => ((Missing(0) + 1) / 2, (Missing(1) + 1) / 2),
            "VALID" => (0, 0),
            _ => node.Ints("pads") switch
            {
                [var left, _] => (0, (int)left),
                [var top, var left, ..] => ((int)top, (int)left),
                _ => (0, 0),
            },
        };

        int Missing(int axis)
        {
            var (stride, dilation, kernel) = axis == 0 ? (strideY, dilationY, kernelHeight) : (strideX, dilationX, kernelWidth);
            var (from, to) = axis == 1 ? (input[^1], output[^1]) : isFlat ? (1, 1) : (input[2], output[2]);
            return Math.Max(0, ((to - 1) * stride) + ((kernel - 1) * dilation) + 1 - from);
        }
    }

    InputPatches(int inputs, int rows)
    {
        (channels, height, width, kernelHeight, kernelWidth, outputWidth, Positions) = (inputs, 1, 1, 1, 1, rows, rows);
        (strideY, strideX, dilationY, dilationX, isDense) = (1, 1, 1, 1, true);
    }

    /// <summary>Output positions of one sample.</summary>
    public int Positions { get; }

    /// <summary>Numbers in a row.</summary>
    public int RowLength => channels * kernelHeight * kernelWidth;

    /// <summary>The patches of a layer; null for a convolution that is grouped or has three axes.</summary>
    /// <param name="node">Conv, Gemm or MatMul.</param>
    /// <param name="weight">Sizes of its weight.</param>
    /// <param name="input">Sizes of its input.</param>
    /// <param name="output">Sizes of its output.</param>
    /// <param name="samples">The samples that the input holds.</param>
    public static InputPatches? Of(Node node, int[] weight, int[] input, int[] output, int samples) => node switch
    {
        _ when !node.Is("Conv") => input.Length >= 2 ? new InputPatches(input[^1], (int)(Cost.Product(input.AsSpan(..^1)) / samples)) : null,
        _ => weight.Length is 3 or 4 && node.Int("group", 1) == 1 ? new InputPatches(node, weight, input, output) : null,
    };

    /// <summary>Where one output of the layer stands in what it gives for one sample.</summary>
    /// <param name="channel">The output.</param>
    /// <param name="position">The output position.</param>
    /// <param name="channels">How many outputs the layer has.</param>
    public int OutputIndex(int channel, int position, int channels) => isDense ? (position * channels) + channel : (channel * Positions) + position;

    /// <summary>Writes the row of one output position of one sample.</summary>
    /// <param name="sample">The sample's input: C·H·W numbers, or the rows of a dense layer.</param>
    /// <param name="position">The output position, row by row.</param>
    /// <param name="row">Takes <see cref="RowLength"/> numbers.</param>
    public void Fill(ReadOnlySpan<float> sample, int position, Span<float> row)
    {
        if (isDense)
        {
            sample.Slice(position * channels, channels).CopyTo(row);
            return;
        }

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

    static (int Y, int X) Pair(IReadOnlyList<long>? values) => values switch
    {
        [var y, var x] => ((int)y, (int)x),
        [var x] => (1, (int)x),
        _ => (1, 1),
    };
}
