using Compress.Models;
using Compress.Quantization;
using CsCheck;

namespace Compress.UnitTests.Quantization;

public class WeightQuantizerTests
{
    [Fact]
    public void Every_weight_comes_back_within_half_a_step() => Gen.Float[-1e3f, 1e3f].Array[12].Sample(values =>
    {
        var quantized = WeightQuantizer.Quantize(Tensor.Of<float>("w", values, 3, 4), 0, [], 1, perChannel: true);
        for (var i = 0; i < values.Length; i++)
        {
            var scale = (double)quantized.Scales[i / 4];
            Assert.InRange(Math.Abs((quantized.Values[i] * scale) - values[i]), 0, scale / 2 * 1.00001);
        }
    });

    [Fact]
    public void Each_channel_uses_the_whole_of_its_range()
    {
        var quantized = WeightQuantizer.Quantize(Tensor.Of<float>("w", [1f, -2f, 100f, 50f], 2, 2), 0, [], 1, perChannel: true);

        Assert.Equal([64, -127, 127, 64], quantized.Values.Select(value => (int)value));
        Assert.Equal([2f / 127, 100f / 127], quantized.Scales);
    }

    [Fact]
    public void The_axis_of_output_channels_may_be_the_second()
    {
        var quantized = WeightQuantizer.Quantize(Tensor.Of<float>("w", [1f, -2f, 100f, 50f], 2, 2), 1, [], 1, perChannel: true);

        Assert.Equal([100f / 127, 50f / 127], quantized.Scales);
    }

    [Fact]
    public void A_bias_too_great_for_half_of_int32_raises_its_channels_scale()
    {
        const float inputScale = 1e-6f;
        var quantized = WeightQuantizer.Quantize(Tensor.Of<float>("w", [1e-4f, 1f], 2, 1), 0, [1e3f, 1f], inputScale, perChannel: true);

        Assert.InRange(quantized.Bias![0], int.MaxValue * 0.499, int.MaxValue / 2);
        Assert.Equal(1e3, quantized.Bias[0] * (double)inputScale * quantized.Scales[0], 1e-2);
        Assert.Equal(1f / 127, quantized.Scales[1]);
    }

    [Fact]
    public void A_channel_of_zeros_keeps_its_bias()
    {
        var quantized = WeightQuantizer.Quantize(Tensor.Of<float>("w", [0f, 0f], 1, 2), 0, [0.1234f], 0.02f, perChannel: true);

        Assert.Equal(0.1234, quantized.Bias![0] * 0.02 * quantized.Scales[0], 1e-6);
        Assert.All(quantized.Values, value => Assert.Equal(0, value));
    }
}
