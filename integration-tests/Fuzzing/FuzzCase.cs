using System.Globalization;
using Compress.Diagnostics;
using Compress.Onnx;
using Compress.Policies;
using Google.Protobuf;

namespace Compress.IntegrationTests.Fuzzing;

/// <summary>The files of one case; the same seed and number give the same files.</summary>
sealed record FuzzCase(FuzzTarget Target, string Damage, string Folder, string DataName)
{
    static readonly FuzzTarget[] Targets =
    [
        FuzzTarget.Inspect, FuzzTarget.Inspect, FuzzTarget.Check, FuzzTarget.Check, FuzzTarget.Run, FuzzTarget.Run, FuzzTarget.Run,
        FuzzTarget.ModelReader, FuzzTarget.PolicyReader, FuzzTarget.DataReader,
    ];

    public string ModelPath => Path.Combine(Folder, "model.onnx");

    public string PolicyPath => Path.Combine(Folder, "compress.yaml");

    public string OutputPath => Path.Combine(Folder, "out.onnx");

    /// <summary>The data file as a source of its own.</summary>
    public DataSource Data => new(Format, new SourcePosition(PolicyPath)) { File = new Located<string>(Path.Combine(Folder, DataName), new SourcePosition(PolicyPath)) };

    DataFormat Format => Enum.Parse<DataFormat>(SoundFiles.KeyOf(DataName), ignoreCase: true);

    /// <summary>Makes the files of a case: all of them sound but for the one that is damaged, if any is.</summary>
    public static FuzzCase Write(int seed, int number, string folder)
    {
        var random = new Random(unchecked((seed * 1_000_003) + number));
        var (target, dataName, model) = (random.Of(Targets), random.Of(SoundFiles.DataNames), SoundModels.Any(random));
        var policy = string.Format(CultureInfo.InvariantCulture, random.Of(SoundFiles.Policies), $"{SoundFiles.KeyOf(dataName)}: {dataName}");
        var damage = DamageFor(target, random);
        if (damage == "model")
            ModelDamage.Of(model, random);
        var external = damage.StartsWith("external", StringComparison.Ordinal) || random.Chance(15) ? ExternalDamage.MoveOut(model) : null;
        if (damage == "external entries")
            ExternalDamage.Of(model, random);
        var bytes = model.ToByteArray();
        var files = new Dictionary<string, byte[]>
        {
            ["model.onnx"] = damage == "model bytes" ? ByteDamage.Of(bytes, random) : bytes,
            ["compress.yaml"] = damage == "policy" ? PolicyDamage.Of(policy, random) : System.Text.Encoding.UTF8.GetBytes(policy),
            [dataName] = damage == "data" ? DataDamage.Of(dataName, random) : SoundFiles.Data(dataName),
        };
        if (external is not null)
            files["model.data"] = damage == "external data" ? ByteDamage.Of(external, random) : external;
        foreach (var (name, content) in files)
            File.WriteAllBytes(Path.Combine(folder, name), content);
        return new FuzzCase(target, damage, folder, dataName);
    }

    static string DamageFor(FuzzTarget target, Random random) => target switch
    {
        _ when random.Chance(6) => "none",
        FuzzTarget.PolicyReader => "policy",
        FuzzTarget.DataReader => "data",
        FuzzTarget.Check or FuzzTarget.Run when random.Chance(12) => "policy",
        FuzzTarget.Check or FuzzTarget.Run when random.Chance(10) => "data",
        _ => random.Of(["model", "model", "model", "model bytes", "model bytes", "external entries", "external data"]),
    };
}
