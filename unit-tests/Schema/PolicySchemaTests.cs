using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Compress.Diagnostics;
using Compress.Onnx;
using Compress.Policies;
using Compress.Policies.Reading;
using Compress.UnitTests.Support;
using Json.Schema;

namespace Compress.UnitTests.Schema;

public partial class PolicySchemaTests
{
    static readonly string Text = Embedded();
    static readonly JsonObject Definitions = JsonNode.Parse(Text)!["definitions"]!.AsObject();
    static readonly JsonSchema Schema = JsonSchema.FromText(Text);

    public static TheoryData<string> Mappings => [.. PolicyKeys.All.Select(mapping => mapping.Name)];

    [Theory]
    [MemberData(nameof(Mappings))]
    public void The_schema_takes_the_keys_that_the_parser_takes_and_describes_each(string name)
    {
        var definition = Definitions[name]!;
        var properties = definition["properties"]!.AsObject();

        Assert.Equal(KeysOf(name), properties.Select(property => property.Key).Order());
        Assert.False((bool)definition["additionalProperties"]!);
        Assert.All(properties, property => Assert.NotEmpty(Described(property.Value!)));
    }

    [Theory]
    [MemberData(nameof(Mappings))]
    public void The_reference_lists_the_keys_that_the_parser_takes(string name)
    {
        var page = File.ReadAllText(Repository.PathOf("docs", "policy.md"));
        var section = Regex.Match(page, $"""<a id="{name}"></a>(.*?)(<a id=|\z)""", RegexOptions.Singleline).Groups[1].Value;

        Assert.Equal(KeysOf(name), TableKey().Matches(section).Select(match => match.Groups[1].Value).Order());
    }

    [Theory]
    [MemberData(nameof(PolicyCases.Good), MemberType = typeof(PolicyCases))]
    public void What_the_parser_takes_the_schema_takes(string yaml) => Assert.Equal((true, true), (ParserTakes(yaml), SchemaTakes(yaml)));

    [Theory]
    [MemberData(nameof(PolicyCases.Bad), MemberType = typeof(PolicyCases))]
    public void What_the_parser_rejects_the_schema_rejects(string yaml) => Assert.Equal((false, false), (ParserTakes(yaml), SchemaTakes(yaml)));

    [Fact]
    public void The_schema_takes_the_example() => Assert.True(SchemaTakes(File.ReadAllText(Repository.PathOf("compress.yaml.example"))));

    static IEnumerable<string> KeysOf(string name) => PolicyKeys.All.Single(mapping => mapping.Name == name).Keys.Order();

    static string Described(JsonNode property)
    {
        if (property["description"] is { } own)
            return (string)own!;
        var reference = (string)property["$ref"]!;
        return (string)Definitions[reference.Split('/')[^1]]!["description"]!;
    }

    static bool ParserTakes(string yaml) => PolicyReader.Parse(yaml, "p.yaml", new DiagnosticBag()) is not null;

    static bool SchemaTakes(string yaml) => Schema.Evaluate(JsonSerializer.SerializeToElement(YamlJson.Convert(yaml))).IsValid;

    static string Embedded()
    {
        using var stream = typeof(ModelProto).Assembly.GetManifestResourceStream("compress.schema.json")!;
        return new StreamReader(stream).ReadToEnd();
    }

    [GeneratedRegex(@"^\| `([a-z0-9-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex TableKey();
}
