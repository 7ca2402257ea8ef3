namespace Compress.Policies.Reading;

/// <summary>Reads <c>data</c>.</summary>
static class DataReader
{
    const int RandomSamples = 16;

    static readonly string[] AboutFiles = ["labels", "input", "scale", "mean", "std", "skip", "shuffle"];

    public static PolicyData Read(Field? field) =>
        field is not null && MapReader.Open(field, PolicyKeys.Data, "a mapping of calibration and evaluation") is { } map
            ? new PolicyData(Source(map["calibration"]), Source(map["evaluation"]))
            : new PolicyData();

    static DataSource? Source(Field? field)
    {
        if (field is null || MapReader.Open(field, PolicyKeys.Source, "a mapping such as { npz: samples.npz }") is not { } map)
            return null;
        var source = map.OneOf("idx", "npz", "npy", "random");
        var random = source?.Key == "random" ? Random(source, map) : null;
        CheckCompany(source?.Key, map);
        return new DataSource(Format(source?.Key), field.KeyPosition)
        {
            File = source?.Key == "random" ? null : source?.Path(),
            Labels = map["labels"]?.Path(),
            Input = map["input"]?.Text("the name of a model input"),
            Scale = map["scale"]?.Number(NumberRange.Positive) ?? 1,
            Mean = Values(map["mean"], NumberRange.Any) ?? [0],
            Std = Values(map["std"], NumberRange.Positive) ?? [1],
            Skip = map["skip"]?.Integer(0) ?? 0,
            Take = map["take"]?.Integer(1) ?? random,
            Shuffle = map["shuffle"]?.Flag() ?? false,
            Seed = map["seed"]?.Integer(0),
            Shapes = Shapes(map["shapes"]),
        };
    }

    static DataFormat Format(string? key) => key switch
    {
        "npz" => DataFormat.Npz,
        "npy" => DataFormat.Npy,
        "random" => DataFormat.Random,
        _ => DataFormat.Idx,
    };

    /// <summary>Reports keys that say nothing about a source of this kind.</summary>
    static void CheckCompany(string? key, MapReader map)
    {
        switch (key)
        {
            case "random":
                map.Exclude("has no meaning for random data", AboutFiles);
                break;
            case "npz":
                map.Exclude("has no meaning for npz, whose arrays carry the inputs' names and sizes", "input", "shapes");
                break;
            case not null:
                map.Exclude("is for random data alone; a file knows its sizes", "shapes");
                break;
        }
    }

    /// <summary>The number of random samples.</summary>
    static int? Random(Field field, MapReader map)
    {
        if (field.Value is YamlScalar { IsPlain: true, Text: "true" or "True" or "TRUE" })
            return RandomSamples;
        map.Exclude("and a number of random samples exclude each other; give one of them", "take");
        return field.Value is YamlScalar scalar && Numbers.ParseInteger(scalar) is not null
            ? field.Integer(1)
            : field.Wrong<int?>("true or the number of samples");
    }

    /// <summary>One number, or one for each channel.</summary>
    static IReadOnlyList<double>? Values(Field? field, NumberRange range)
    {
        if (field?.Value is not YamlList list)
            return field?.Number(range, "a number, or a list with a number for each channel") is { } value ? [value] : null;
        if (list.Items.Count == 0)
            return field.Impossible<IReadOnlyList<double>>($"'{field.Key}' is an empty list; it takes a number for each channel");
        return [.. list.Items.Select(item => field.With(item).Number(range) ?? 0)];
    }

    static Dictionary<string, int[]> Shapes(Field? field)
    {
        var shapes = new Dictionary<string, int[]>();
        const string expected = "a mapping of input names to sizes, e.g. { input: [1, 1, 28, 28] }";
        if (field is null || MapReader.Open(field, PolicyKeys.Shapes, expected) is not { } map)
            return shapes;
        foreach (var shape in map.Fields)
            shapes[shape.Key] = Sizes(shape);
        return shapes;
    }

    static int[] Sizes(Field field) => field.Value is YamlList { Items.Count: > 0 } list
        ? [.. list.Items.Select(item => field.With(item).Integer(1) ?? 1)]
        : field.Wrong<int[]>("a list of sizes, the batch first, e.g. [1, 1, 28, 28]") ?? [];
}
