namespace Compress.Policies.Reading;

/// <summary>Reads <c>quantize</c>: a type, or a mapping.</summary>
static class QuantizeReader
{
    static readonly Dictionary<string, QuantizationType> Types = new()
    {
        ["int8"] = QuantizationType.Int8,
        ["dynamic"] = QuantizationType.Dynamic,
        ["fp16"] = QuantizationType.Float16,
        ["bf16"] = QuantizationType.BFloat16,
    };

    static readonly string[] PlannedTypes = ["int16", "int4", "binary"];

    /// <summary>The keys beside <c>as</c> that say something about a type.</summary>
    static readonly Dictionary<QuantizationType, string[]> Keys = new()
    {
        [QuantizationType.Int8] = ["activations", "per", "symmetric", "calibrate", "repair", "target-cpu"],
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

    static readonly NumberRange Errors = new(0, 1, WithMin: false);
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
            return field.Word(Types, PlannedTypes) is { } type ? new QuantizeSettings(As: type) : null;
        if (MapReader.Open(field, PolicyKeys.Quantize, "int8, dynamic, fp16, bf16, none, or a mapping") is not { } map)
            return null;
        var settings = new QuantizeSettings(
            As: map["as"]?.Word(Types, PlannedTypes) ?? QuantizationType.Int8,
            PerChannel: map["per"]?.Word(Granularities) ?? true,
            Symmetric: map["symmetric"]?.Flag() ?? false,
            TargetCpu: map["target-cpu"]?.Word(Cpus) ?? TargetCpu.Any);
        if (ActivationTypes.TryGetValue(settings.As, out var activationTypes))
            settings = settings with { Activations = map["activations"]?.Word(activationTypes) ?? true };
        var foreign = PolicyKeys.Quantize.Keys.Except(Keys[settings.As]).Where(key => key != "as").ToArray();
        map.Exclude($"has no meaning for {Types.First(entry => entry.Value == settings.As).Key}", foreign);
        if (settings is { As: QuantizationType.Int8, Activations: false })
            map.Exclude("is about activations, and 'activations: none' leaves them as they are", "symmetric", "calibrate", "repair", "target-cpu");
        if (map["repair"] is { } repair)
            settings = settings with { RepairAbove = RepairAbove(repair) };
        return map["calibrate"] is { } calibrate ? Calibrated(settings, calibrate) : settings;
    }

    static double? RepairAbove(Field field)
    {
        if (field.Value is YamlScalar { IsNull: false })
            return field.Word(Repairs) is false ? null : QuantizeSettings.DefaultRepairAbove;
        if (MapReader.Open(field, PolicyKeys.Repair, "auto, none, or a mapping such as { error: 5% }") is not { } map)
            return QuantizeSettings.DefaultRepairAbove;
        map.RequireAny("'repair' names no goal; add 'error', e.g. error: 5%", "error");
        return map["error"]?.Number(Errors) ?? QuantizeSettings.DefaultRepairAbove;
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
