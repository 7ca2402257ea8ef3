namespace Compress.Policies.Reading;

/// <summary>Reads <c>gates</c>. Each kind of metric has the limits that say something about it.</summary>
static class GateReader
{
    static readonly NumberRange Share = new(0, 1);
    static readonly NumberRange Cosine = new(-1, 1);
    static readonly NumberRange CosineDrop = new(0, 2);
    static readonly NumberRange Confidence = new(0, 1, WithMin: false, WithMax: false);

    /// <summary>Ten times the original is more than anyone asks for; it catches 35 where 35% is meant.</summary>
    static readonly NumberRange Ratio = new(0, 10, WithMin: false);

    public static IReadOnlyList<Gate> Read(Field? field) =>
        field is not null && MapReader.Open(field, PolicyKeys.Gates, "a mapping of metrics to limits, e.g. { size: { max: 35% } }") is { } map
            ? [.. map.Fields.Select(One).OfType<Gate>()]
            : [];

    static Gate? One(Field field) => field.Key switch
    {
        "top1" or "top5" or "agreement" => Quality(field, Share, Share),
        "cosine" => Quality(field, CosineDrop, Cosine),
        "mse" => Error(field),
        "latency" => Latency(field),
        _ => Open(field, PolicyKeys.RatioGate, "max: 35%", "max") is { } map
            ? new Gate(field.Key, field.KeyPosition, Max: map["max"]?.Number(Ratio))
            : null,
    };

    static Gate? Quality(Field field, NumberRange drop, NumberRange value) =>
        Open(field, PolicyKeys.QualityGate, "max-drop: 1%", "max-drop", "min") is { } map
            ? new Gate(field.Key, field.KeyPosition,
                MaxDrop: map["max-drop"]?.Number(drop), Min: map["min"]?.Number(value), Confidence: map["confidence"]?.Number(Confidence))
            : null;

    static Gate? Error(Field field) =>
        Open(field, PolicyKeys.ErrorGate, "max: 0.01", "max") is { } map
            ? new Gate(field.Key, field.KeyPosition,
                Max: map["max"]?.Number(NumberRange.NotNegative), Confidence: map["confidence"]?.Number(Confidence))
            : null;

    static Gate? Latency(Field field) =>
        Open(field, PolicyKeys.LatencyGate, "max: 70%", "max") is { } map
            ? new Gate(field.Key, field.KeyPosition,
                Max: map["max"]?.Number(Ratio), Batch: map["batch"]?.Integer(1), Threads: map["threads"]?.Integer(1))
            : null;

    static MapReader? Open(Field field, Mapping mapping, string example, params ReadOnlySpan<string> limits)
    {
        var map = MapReader.Open(field, mapping, $"a mapping of limits, e.g. {{ {example} }}");
        map?.RequireAny($"the gate '{field.Key}' names no limit; add {string.Join(" or ", limits!)}, e.g. {example}", limits);
        return map;
    }
}
