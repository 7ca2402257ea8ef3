using Compress.Diagnostics;
using Compress.Policies.Reading;

namespace Compress.Policies;

/// <summary>Reads policies. Every mistake is reported once, where it stands, and all of them in one go.</summary>
public static class PolicyReader
{
    /// <summary>The version of the policy language that is read.</summary>
    public const int Version = 1;

    /// <summary>Reads a policy's file.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="diagnostics">Takes what is wrong: CMP1001 to CMP1010.</param>
    /// <returns>The policy; null where an error was reported.</returns>
    public static Policy? Read(string path, DiagnosticBag diagnostics) =>
        PolicyText.Read(path, diagnostics) is { } text ? Parse(text, path, diagnostics) : null;

    /// <summary>Reads a policy from text.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="file">The file's name: it stands in positions, and paths in the policy are relative to it.</param>
    /// <param name="diagnostics">Takes what is wrong: CMP1002 to CMP1010.</param>
    /// <returns>The policy; null where an error was reported.</returns>
    public static Policy? Parse(string text, string file, DiagnosticBag diagnostics)
    {
        var found = new DiagnosticBag();
        var policy = PolicyText.Check(text, file, found) ? Root(text.TrimStart('\uFEFF'), file, found) : null;
        diagnostics.AddRange(found.OrderBy(item => item.Position!.Line).ThenBy(item => item.Position!.Column));
        return found.HasErrors ? null : policy;
    }

    static Policy? Root(string text, string file, DiagnosticBag diagnostics)
    {
        switch (YamlTree.Parse(text, file, diagnostics))
        {
            case YamlMap map when OtherVersion(map) is { } version:
                diagnostics.Add(Codes.PolicyVersion.At(version.Position,
                    $"the policy has version {Quoted.Short(version.Text)}; this version of Compress reads version {Version}"));
                return null;
            case YamlMap map:
                return Sections(MapReader.Open(map, PolicyKeys.Policy, diagnostics), file, diagnostics);
            case null or YamlScalar { IsNull: true } when !diagnostics.HasErrors:
                diagnostics.Add(Codes.MissingKey.At(new SourcePosition(file, 1, 1), "the policy is empty; it starts with 'version: 1'"));
                return null;
            case { } other:
                diagnostics.Add(Codes.WrongType.At(other.Position,
                    $"a policy is a mapping of {PolicyKeys.Policy.Legal}; it starts with 'version: 1'"));
                return null;
            default:
                return null;
        }
    }

    static Policy Sections(MapReader map, string file, DiagnosticBag diagnostics)
    {
        map.Require("version", "the policy names no version; add 'version: 1' as its first line")?.Long(Version, Version);
        var rules = RuleReader.Read(map["layers"]);
        var budget = BudgetReader.Read(map["factorize-budget"]);
        BudgetReader.Check(map["factorize-budget"], budget, rules, diagnostics);
        return new Policy(
            file,
            map["model"]?.Path(),
            map["output"]?.Path(),
            DataReader.Read(map["data"]),
            rules,
            GateReader.Read(map["gates"]),
            budget);
    }

    /// <summary>A version that is none of ours; nothing else of such a policy can be judged.</summary>
    static YamlScalar? OtherVersion(YamlMap map) => map.Pairs
        .Where(pair => pair.Key is YamlScalar { Text: "version" }).Select(pair => pair.Value).OfType<YamlScalar>()
        .FirstOrDefault(value => Numbers.ParseInteger(value) is { } number && number != Version);
}
