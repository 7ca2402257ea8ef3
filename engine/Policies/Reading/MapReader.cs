using Compress.Diagnostics;

namespace Compress.Policies.Reading;

/// <summary>A mapping whose keys were checked: unknown ones and repetitions are reported when it is opened.</summary>
sealed class MapReader
{
    readonly Dictionary<string, Field> fields = [];
    readonly HashSet<string> meant = [];
    readonly Mapping mapping;
    readonly DiagnosticBag diagnostics;
    bool hasForeignKeys;

    MapReader(YamlMap map, Mapping mapping, DiagnosticBag diagnostics)
    {
        (this.mapping, this.diagnostics, Position) = (mapping, diagnostics, map.Position);
        foreach (var pair in map.Pairs)
            Add(pair);
    }

    public SourcePosition Position { get; }

    /// <summary>The fields that are there, in the file's order.</summary>
    public IEnumerable<Field> Fields => fields.Values;

    /// <returns>Null where the field's value is no mapping, which is reported.</returns>
    /// <param name="field">The field that holds the mapping.</param>
    /// <param name="mapping">Its legal keys.</param>
    /// <param name="expected">What the value may be.</param>
    public static MapReader? Open(Field field, Mapping mapping, string expected)
    {
        if (field.Value is YamlMap map)
            return new MapReader(map, mapping, field.Diagnostics);
        return field.Wrong<MapReader>(expected);
    }

    public static MapReader Open(YamlMap map, Mapping mapping, DiagnosticBag diagnostics) => new(map, mapping, diagnostics);

    public Field? this[string key] => fields.GetValueOrDefault(key);

    /// <summary>The field of a key that must be there; its absence is reported unless another key looks like a misspelling of it.</summary>
    public Field? Require(string key, string message)
    {
        if (this[key] is { } field)
            return field;
        if (!meant.Contains(key))
            diagnostics.Add(Codes.MissingKey.At(Position, message));
        return null;
    }

    /// <summary>Reports that nothing of what could be there is there, unless a foreign key was already found in its place.</summary>
    public void RequireAny(string message, params ReadOnlySpan<string> keys)
    {
        if (!hasForeignKeys && !keys.ContainsAny([.. fields.Keys]))
            diagnostics.Add(Codes.MissingKey.At(Position, message));
    }

    /// <summary>The one field that is there of several that exclude each other.</summary>
    public Field? OneOf(params string[] keys)
    {
        var present = Fields.Where(field => keys.Contains(field.Key)).ToList();
        var choice = string.Join(", ", keys);
        if (present.Count == 0 && !hasForeignKeys)
            diagnostics.Add(Codes.MissingKey.At(Position, $"{mapping.Phrase} needs one of {choice}"));
        foreach (var other in present.Skip(1))
            Exclude(other, $"'{other.Key}' and '{present[0].Key}' exclude each other; give one of {choice}");
        return present.FirstOrDefault();
    }

    /// <summary>Reports those of the keys that are there as conflicting with a choice made.</summary>
    public void Exclude(string why, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (this[key] is { } field)
                Exclude(field, $"'{key}' {why}");
        }
    }

    void Exclude(Field field, string message) => diagnostics.Add(Codes.ConflictingKeys.At(field.KeyPosition, message));

    void Add(YamlPair pair)
    {
        if (pair.Key is not YamlScalar { Text: var key, Position: var position })
            diagnostics.Add(Codes.WrongType.At(pair.Key.Position, $"a key must be text; {mapping.Phrase} takes {mapping.Legal}"));
        else if (!mapping.TakesAnyKey && !mapping.Keys.Contains(key))
            AddForeign(key, position);
        else if (fields.TryGetValue(key, out var first))
            diagnostics.Add(Codes.ConflictingKeys.At(position, $"'{key}' is given twice; the first one stands in line {first.KeyPosition.Line}"));
        else
            fields.Add(key, new Field(key, position, pair.Value, diagnostics));
    }

    void AddForeign(string key, SourcePosition position)
    {
        hasForeignKeys = true;
        if (mapping.Planned.Contains(key))
        {
            diagnostics.Add(Codes.UnknownKey.At(position, $"'{key}' is not supported by this version; {mapping.Phrase} takes {mapping.Legal}"));
            return;
        }

        if (Spelling.Closest(key, mapping.Keys) is { } closest)
            meant.Add(closest);
        diagnostics.Add(Codes.UnknownKey.At(position,
            $"unknown key {Quoted.Show(key)}{Spelling.DidYouMean(key, mapping.Keys)}; {mapping.Phrase} takes {mapping.Legal}"));
    }
}
