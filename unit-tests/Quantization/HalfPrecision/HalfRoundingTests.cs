using Compress.Models;
using Compress.Quantization.HalfPrecision;
using static Compress.Onnx.TensorProto.Types;
using Tensor = Compress.Models.Tensor;

namespace Compress.UnitTests.Quantization.HalfPrecision;

public class HalfRoundingTests
{
    [Fact]
    public void Fp16_is_the_nearest_half_and_ties_go_to_the_even_one()
    {
        var halves = Enumerable.Range(0, 0x7C00).Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits)).ToArray();
        // Every half, every tie between two neighbours, and the floats next to each tie.
        var values = halves.Select(half => (float)half).Concat(halves.Zip(halves.Skip(1), (low, high) => ((float)low + (float)high) / 2)
            .SelectMany(tie => new[] { MathF.BitDecrement(tie), tie, MathF.BitIncrement(tie) })).SelectMany(value => new[] { value, -value }).ToArray();

        var rounded = Round(values, DataType.Float16).Values<Half>();

        for (var i = 0; i < values.Length; i++)
            Assert.Equal(BitConverter.HalfToUInt16Bits((Half)values[i]), BitConverter.HalfToUInt16Bits(rounded[i]));
    }

    [Fact]
    public void Bf16_is_the_nearest_of_two_upper_halves_and_ties_go_to_the_even_one()
    {
        var random = new Random(5);
        var values = Enumerable.Range(0, 200_000).Select(i => BitConverter.Int32BitsToSingle(i % 2 == 0 ? random.Next() : (random.Next() & ~0xFFFF) | 0x8000))
            .Where(value => MathF.Abs(value) <= BFloat16.MaxValue).SelectMany(value => new[] { value, -value }).ToArray();

        var rounded = Round(values, DataType.Bfloat16).Values<BFloat16>();

        for (var i = 0; i < values.Length; i++)
            Assert.Equal(Nearest(values[i]), rounded[i].Bits);
    }

    [Fact]
    public void What_rounding_does_is_told_as_the_relative_error_and_the_share_of_numbers_that_vanish()
    {
        // 2⁻²⁵ is half of the least half, and goes to the even one, 0; the next float does not.
        float[] values = [0, 1, 2, MathF.Pow(2, -25), MathF.BitIncrement(MathF.Pow(2, -25)), 1 + MathF.Pow(2, -11)];

        var rounding = HalfRounding.Of(Tensor.Of<float>("w", values, 6), DataType.Float16, "h");

        Assert.Equal(1 / 5.0, rounding.Vanished);
        Assert.Equal(Math.Sqrt(Math.Pow(2, -22) / values.Sum(value => (double)value * value)), rounding.Error, 1e-9);
    }

    [Theory]
    [InlineData(65504f, true, true)]
    [InlineData(65505f, false, true)]
    [InlineData(-3.39e38f, false, false)]
    [InlineData(3.3e38f, false, true)]
    [InlineData(float.PositiveInfinity, false, false)]
    [InlineData(float.NaN, false, false)]
    public void What_a_format_does_not_hold_is_an_obstacle(float value, bool fp16, bool bf16)
    {
        var tensor = Tensor.Of<float>("w", [0, value], 2);

        Assert.Equal(fp16, HalfRounding.Obstacle(tensor, DataType.Float16) is null);
        Assert.Equal(bf16, HalfRounding.Obstacle(tensor, DataType.Bfloat16) is null);
    }

    static Tensor Round(float[] values, DataType type) => HalfRounding.Of(Tensor.Of<float>("w", values, values.Length), type, "h").Values;

    /// <summary>By distance, in double, where all of these numbers are exact.</summary>
    static ushort Nearest(float value)
    {
        var low = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
        var (below, above) = (Math.Abs(value - Value(low)), Math.Abs(Value((ushort)(low + 1)) - value));
        return below < above || (below == above && low % 2 == 0) ? low : (ushort)(low + 1);

        static double Value(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);
    }
}
