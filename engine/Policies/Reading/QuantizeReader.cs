namespace Compress.Policies.Reading;

/// <summary>Reads <c>quantize</c>: a type, or a mapping.</summary>
static class QuantizeReader
{
    static readonly Dictionary<string, QuantizationType> Types = new()
    {
        ["int8"] = QuantizationType.Int8,
        ["int16"] = QuantizationType.Int16,
        ["int4"] = QuantizationType.Int4,
        ["binary"] = QuantizationType.Binary,
        ["dynamic"] = QuantizationType.Dynamic,
        ["fp16"] = QuantizationType.Float16,
        ["bf16"] = QuantizationType.BFloat16,
    };

    /// <summary>The keys beside <c>as</c> that say something about a type.</summary>
    static readonly Dictionary<QuantizationType, string[]> Keys = new()
    {
        [QuantizationType.Int8] = ["activations", "per", "symmetric", "calibrate", "repair", "target-cpu", "profile"],
        [QuantizationType.Int16] = ["per", "symmetric", "calibrate", "repair", "profile"],
        [QuantizationType.Int4] = ["block", "symmetric", "by", "form"],
        [QuantizationType.Binary] = ["per"],
        [QuantizationType.Dynamic] = ["per", "target-cpu"],
        [QuantizationType.Float16] = ["activations"],
        [QuantizationType.BFloat16] = [],
    };

    static readonly Dictionary<string, bool> Granularities = new() { ["channel"] = true, ["tensor"] = false };
    /// <summary>What activations may be, by type: whether they are of the type.</summary>
    static readonly Dictionary<QuantizationType, Dictionary<string, bool>> ActivationTypes = new()
    {
        [QuantizationType.Int8] = new() { ["int8"] = true, ["none"] = false },
        [QuantizationType.Float16] = new() { ["fp16"] = true, ["none"] = false },
    };

    static readonly Dictionary<string, bool> Repairs = new() { ["auto"] = true, ["none"] = false };
    static readonly Dictionary<string, TargetCpu> Cpus = new()
    {
        ["any"] = TargetCpu.Any,
        ["avx2"] = TargetCpu.Avx2,
        ["vnni"] = TargetCpu.Vnni,
        ["arm"] = TargetCpu.Arm,
    };

    static readonly Dictionary<string, WeightRounding> Roundings = new()
    {
        ["nearest"] = WeightRounding.Nearest,
        ["mse"] = WeightRounding.SquaredError,
        ["gptq"] = WeightRounding.Gptq,
    };

    static readonly Dictionary<string, BlockForm> Forms = new() { ["standard"] = BlockForm.Standard, ["runtime"] = BlockForm.Runtime };
    static readonly Dictionary<string, RuntimeProfile> Profiles = new()
    {
        ["ort-cpu"] = RuntimeProfile.OrtCpu,
        ["tensorrt"] = RuntimeProfile.TensorRt,
        ["qnn"] = RuntimeProfile.Qnn,
        ["openvino"] = RuntimeProfile.OpenVino,
    };

    static readonly NumberRange Errors = new(0, 1, WithMin: false);
    static readonly NumberRange Budgets = new(0, 1);
    static readonly NumberRange Percentiles = new(50, 100);

    static readonly Dictionary<string, Calibrator> Calibrators = new()
    {
        ["minmax"] = Calibrator.MinMax,
        ["percentile"] = Calibrator.Percentile,
        ["entropy"] = Calibrator.Entropy,
        ["mse"] = Calibrator.SquaredError,
    };

    public static QuantizeSettings? Read(Field field)
    {
        if (field.Value is YamlScalar { IsNull: false })
            return field.Word(Types) is { } type ? new QuantizeSettings(As: type) : null;
        if (MapReader.Open(field, PolicyKeys.Quantize, "int8, int16, int4, binary, dynamic, fp16, bf16, none, or a mapping") is not { } map)
            return null;
        var settings = new QuantizeSettings(
            As: map["as"]?.Word(Types) ?? QuantizationType.Int8,
            PerChannel: map["per"]?.Word(Granularities) ?? true,
            Symmetric: map["symmetric"]?.Flag() ?? false,
            TargetCpu: map["target-cpu"]?.Word(Cpus) ?? TargetCpu.Any,
            Profile: map["profile"]?.Word(Profiles) ?? RuntimeProfile.OrtCpu,
            Block: map["block"] is { } block ? BlockSize(block) : BlockSizes.Usual,
            By: map["by"]?.Word(Roundings),
            Form: map["form"]?.Word(Forms) ?? BlockForm.Runtime);
        if (ActivationTypes.TryGetValue(settings.As, out var activationTypes))
            settings = settings with { Activations = map["activations"]?.Word(activationTypes) ?? true };
        var foreign = PolicyKeys.Quantize.Keys.Except(Keys[settings.As]).Where(key => key != "as").ToArray();
        map.Exclude($"has no meaning for {Types.First(entry => entry.Value == settings.As).Key}", foreign);
        if (settings is { As: QuantizationType.Int8, Activations: false })
            map.Exclude("is about activations, and 'activations: none' leaves them as they are", "symmetric", "calibrate", "repair", "target-cpu", "profile");
        if (settings.Profile != RuntimeProfile.OrtCpu)
            map.Exclude("is about the kernels of 'profile: ort-cpu'", "target-cpu");
        if (settings.Profile == RuntimeProfile.TensorRt && map["symmetric"] is { } symmetric && symmetric.Flag() == false)
            symmetric.Impossible<bool>("'symmetric' cannot be false with 'profile: tensorrt', whose activations are symmetric");
        if (map["repair"] is { } repair)
            settings = Repaired(settings, repair);
        return map["calibrate"] is { } calibrate ? Calibrated(settings, calibrate) : settings;
    }

    static int BlockSize(Field field)
    {
        if (field.Integer(1) is not { } size)
            return BlockSizes.Usual;
        if (!BlockSizes.All.Contains(size))
            field.Impossible<int>($"'block' is {size}; it is one of {string.Join(", ", BlockSizes.All)}");
        return size;
    }

    static QuantizeSettings Repaired(QuantizeSettings settings, Field field)
    {
        if (field.Value is YamlScalar { IsNull: false })
            return field.Word(Repairs) is false ? settings with { RepairAbove = null } : settings;
        if (field.Value is YamlList)
            return WithSteps(settings, field);
        if (MapReader.Open(field, PolicyKeys.Repair, "auto, none, a list of steps, or a mapping such as { error: 5% }") is not { } map)
            return settings;
        map.RequireAny("'repair' says nothing; add 'steps', 'error' or 'budget', e.g. error: 5%", "steps", "error", "budget");
        if (map["steps"] is { } steps)
            settings = WithSteps(settings, steps);
        return settings with
        {
            RepairAbove = map["error"]?.Number(Errors) ?? settings.RepairAbove,
            RepairBudget = map["budget"]?.Number(Budgets) ?? settings.RepairBudget,
        };
    }

    static QuantizeSettings WithSteps(QuantizeSettings settings, Field field)
    {
        if (field.Value is not YamlList { Items.Count: > 0 } list)
            return field.Wrong<QuantizeSettings>("a list of steps, e.g. [equalization, bias-correction, fallback]") ?? settings;
        RepairSteps steps = 0;
        foreach (var item in list.Items)
        {
            if (field.With(item).Word(RepairStepNames.All) is not { } step)
                continue;
            if (steps.HasFlag(step))
                field.With(item).Impossible<RepairSteps>($"'{RepairStepNames.Of(step)}' is named twice; each step is taken once, in the order equalization, bias-correction, fallback");
            steps |= step;
        }

        return steps == 0 ? settings : settings with { Repair = steps, IsRepairNamed = true };
    }

    static QuantizeSettings Calibrated(QuantizeSettings settings, Field field)
    {
        if (field.Value is YamlScalar { IsNull: false })
            return settings with { Calibrate = field.Word(Calibrators) ?? Calibrator.MinMax };
        if (MapReader.Open(field, PolicyKeys.Calibrate, "minmax, percentile, entropy, mse, or a mapping such as { percentile: 99.99 }") is not { } map)
            return settings;
        map.RequireAny("'calibrate' names no method; add 'percentile', e.g. percentile: 99.99", "percentile");
        return map["percentile"]?.Percent(Percentiles) is { } percentile
            ? settings with { Calibrate = Calibrator.Percentile, Percentile = percentile }
            : settings;
    }
}
