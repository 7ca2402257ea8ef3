using Compress.Policies;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Policies.Reading;

public class QuantizeReaderTests
{
    [Theory]
    [InlineData("fp16", "fp16")]
    [InlineData("{ as: fp16, activations: fp16 }", "fp16")]
    [InlineData("{ as: fp16, activations: none }", "fp16, weights only")]
    [InlineData("bf16", "bf16, weights only")]
    public void Numbers_may_have_half_the_bits(string yaml, string meaning) =>
        Assert.Equal(meaning, PolicyYaml.Rule($"quantize: {yaml}").Quantize!.Settings!.ToString());

    [Theory]
    [InlineData("int8")]
    [InlineData("{}")]
    [InlineData("{ as: int8 }")]
    [InlineData("{ per: channel, symmetric: false, calibrate: minmax }")]
    public void Int8_has_defaults(string yaml) =>
        Assert.Equal(new QuantizeSettings(true, false, Calibrator.MinMax, 99.999), PolicyYaml.Rule($"quantize: {yaml}").Quantize!.Settings);

    [Theory]
    [InlineData("percentile", 99.999)]
    [InlineData("{ percentile: 99.99 }", 99.99)]
    [InlineData("{ percentile: 99.99% }", 99.99)]
    [InlineData("{ percentile: 100 }", 100)]
    public void Calibration_takes_a_percentile(string yaml, double percentile) => Assert.Equal(
        new QuantizeSettings(false, true, Calibrator.Percentile, percentile),
        PolicyYaml.Rule($"quantize: {{ per: tensor, symmetric: true, calibrate: {yaml} }}").Quantize!.Settings);

    [Theory]
    [InlineData("entropy", Calibrator.Entropy)]
    [InlineData("mse", Calibrator.SquaredError)]
    public void Calibration_goes_by_name(string yaml, Calibrator calibrator)
    {
        var settings = PolicyYaml.Rule($"quantize: {{ calibrate: {yaml} }}").Quantize!.Settings!;
        Assert.Equal(calibrator, settings.Calibrate);
        Assert.Equal($"int8 per channel, {yaml}", settings.ToString());
    }

    [Fact]
    public void Repair_takes_a_goal_or_is_switched_off()
    {
        Assert.Equal(0.1, PolicyYaml.Rule("quantize: { repair: auto }").Quantize!.Settings!.RepairAbove);
        Assert.Equal(0.05, PolicyYaml.Rule("quantize: { repair: { error: 5% } }").Quantize!.Settings!.RepairAbove);
        Assert.Null(PolicyYaml.Rule("quantize: { repair: none }").Quantize!.Settings!.RepairAbove);
    }

    [Theory]
    [InlineData("[equalization, fallback]", RepairSteps.Equalization | RepairSteps.Fallback, 0.1, 1)]
    [InlineData("{ steps: [bias-correction], error: 5%, budget: 30% }", RepairSteps.BiasCorrection, 0.05, 0.3)]
    public void Repair_takes_steps_and_a_budget(string yaml, RepairSteps steps, double error, double budget)
    {
        var settings = PolicyYaml.Rule($"quantize: {{ repair: {yaml} }}").Quantize!.Settings!;
        Assert.Equal((steps, true, error, budget), (settings.Repair, settings.IsRepairNamed, settings.RepairAbove, settings.RepairBudget));
    }

    [Theory]
    [InlineData("int16", "int16 per channel, minmax")]
    [InlineData("{ as: int16, per: tensor, symmetric: true }", "int16 per tensor, symmetric, minmax")]
    [InlineData("{ profile: tensorrt }", "int8 per channel, symmetric, minmax, for tensorrt")]
    [InlineData("{ profile: qnn, repair: [equalization] }", "int8 per channel, minmax, for qnn, repaired by equalization")]
    public void Models_can_be_made_for_accelerators(string yaml, string text) =>
        Assert.Equal(text, PolicyYaml.Rule($"quantize: {yaml}").Quantize!.Settings!.ToString());

    [Theory]
    [InlineData("any", TargetCpu.Any)]
    [InlineData("avx2", TargetCpu.Avx2)]
    [InlineData("vnni", TargetCpu.Vnni)]
    [InlineData("arm", TargetCpu.Arm)]
    public void The_target_cpu_is_one_of_four(string yaml, TargetCpu expected) =>
        Assert.Equal(expected, PolicyYaml.Rule($"quantize: {{ target-cpu: {yaml} }}").Quantize!.Settings!.TargetCpu);

    [Fact]
    public void Weights_can_be_quantized_alone() => Assert.Equal(
        new QuantizeSettings(PerChannel: false, Activations: false), PolicyYaml.Rule("quantize: { per: tensor, activations: none }").Quantize!.Settings);

    [Theory]
    [InlineData("dynamic", "dynamic per channel")]
    [InlineData("{ as: dynamic, per: tensor, target-cpu: vnni }", "dynamic per tensor, for vnni")]
    public void Activations_can_be_quantized_as_they_come(string yaml, string text)
    {
        var settings = PolicyYaml.Rule($"quantize: {yaml}").Quantize!.Settings!;
        Assert.Equal(QuantizationType.Dynamic, settings.As);
        Assert.Equal(text, settings.ToString());
    }

    [Theory]
    [InlineData("int4", "int4 in blocks of 32")]
    [InlineData("{ as: int4, block: 128, symmetric: true, by: mse, form: standard }", "int4 in blocks of 128, symmetric, by mse, in standard operators")]
    [InlineData("binary", "binary per channel")]
    [InlineData("{ as: binary, per: tensor }", "binary per tensor")]
    public void Weights_alone_may_have_fewer_bits_still(string yaml, string text) =>
        Assert.Equal(text, PolicyYaml.Rule($"quantize: {yaml}").Quantize!.Settings!.ToString());

    [Theory]
    [InlineData("", 14, "CMP1004: 'quantize' expects int8, int16, int4, binary, dynamic, fp16, bf16, none, or a mapping; it has no value")]
    [InlineData("[int8]", 15, "CMP1004: 'quantize' expects int8, int16, int4, binary, dynamic, fp16, bf16, none, or a mapping; found a list")]
    [InlineData("in8", 15, "CMP1005: 'quantize' cannot be 'in8' (did you mean 'int8'?); it is one of int8, int16, int4, binary, dynamic, fp16, bf16")]
    [InlineData("{ per: group }", 22, "CMP1005: 'per' cannot be 'group'; it is one of channel, tensor")]
    [InlineData("{ symmetric: 1 }", 28, "CMP1004: 'symmetric' expects true or false; found '1'")]
    [InlineData("{ calibrate: kl }", 28, "CMP1005: 'calibrate' cannot be 'kl'; it is one of minmax, percentile, entropy, mse")]
    [InlineData("{ calibrate: {} }", 28, "CMP1006: 'calibrate' names no method; add 'percentile', e.g. percentile: 99.99")]
    [InlineData("{ calibrate: { percentile: 0.9999 } }", 42, "CMP1005: 'percentile' is 0.9999; in percent it must be at least 50 and at most 100")]
    [InlineData("{ activations: fp16 }", 30, "CMP1005: 'activations' cannot be 'fp16'; it is one of int8, none")]
    [InlineData("{ activations: none, symmetric: true }", 36, "CMP1007: 'symmetric' is about activations, and 'activations: none' leaves them as they are")]
    [InlineData("{ block: 32 }", 17, "CMP1007: 'block' has no meaning for int8")]
    [InlineData("{ bits: 4 }", 17, "CMP1003: unknown key 'bits'; 'quantize' takes as, activations, per, symmetric, calibrate, repair, target-cpu, profile, block, by, form")]
    [InlineData("{ as: int4, block: 48 }", 34, "CMP1005: 'block' is 48; it is one of 16, 32, 64, 128, 256")]
    [InlineData("{ as: int4, by: awq }", 31, "CMP1005: 'by' cannot be 'awq'; it is one of nearest, mse, gptq")]
    [InlineData("{ as: binary, form: runtime }", 29, "CMP1007: 'form' has no meaning for binary")]
    [InlineData("{ as: dynamic, repair: none }", 30, "CMP1007: 'repair' has no meaning for dynamic")]
    [InlineData("{ repair: {} }", 25, "CMP1006: 'repair' says nothing; add 'steps', 'error' or 'budget', e.g. error: 5%")]
    [InlineData("{ repair: { error: 0 } }", 34, "CMP1005: 'error' is 0; it must be greater than 0 and at most 1")]
    [InlineData("{ repair: [] }", 25, "CMP1004: 'repair' expects a list of steps, e.g. [equalization, bias-correction, fallback]; found a list")]
    [InlineData("{ repair: [adaround] }", 26, "CMP1005: 'repair' cannot be 'adaround'; it is one of equalization, bias-correction, fallback")]
    [InlineData("{ repair: [fallback, fallback] }", 36, "CMP1005: 'fallback' is named twice; each step is taken once, in the order equalization, bias-correction, fallback")]
    [InlineData("{ repair: { budget: 2 } }", 35, "CMP1005: 'budget' is 2; it must be at least 0 and at most 1 (did you mean 2%?)")]
    [InlineData("{ profile: qnn, target-cpu: vnni }", 31, "CMP1007: 'target-cpu' is about the kernels of 'profile: ort-cpu'")]
    [InlineData("{ profile: tensorrt, symmetric: false }", 47, "CMP1005: 'symmetric' cannot be false with 'profile: tensorrt', whose activations are symmetric")]
    [InlineData("{ as: int16, target-cpu: vnni }", 28, "CMP1007: 'target-cpu' has no meaning for int16")]
    [InlineData("{ repair: some }", 25, "CMP1005: 'repair' cannot be 'some'; it is one of auto, none")]
    [InlineData("{ target-cpu: sse }", 29, "CMP1005: 'target-cpu' cannot be 'sse'; it is one of any, avx2, vnni, arm")]
    [InlineData("{ activations: none, repair: none }", 36, "CMP1007: 'repair' is about activations, and 'activations: none' leaves them as they are")]
    public void A_mistake_is_reported_where_it_stands(string quantize, int column, string message) =>
        Assert.Equal($"p.yaml(4,{column}): error {message}", PolicyYaml.RuleMistake($"quantize: {quantize}"));
}
