using Compress.Diagnostics;

namespace Compress.Policies.Reading;

/// <summary>A key and its value. Each way of reading it reports what does not fit and then gives null.</summary>
sealed record Field(string Key, SourcePosition KeyPosition, YamlNode Value, DiagnosticBag Diagnostics)
{
    /// <summary>The same key with another value, as for the items of a list.</summary>
    public Field With(YamlNode value) => this with { Value = value };

    /// <summary>Whether the value is the given word.</summary>
    public bool Is(string word) => Value is YamlScalar scalar && scalar.Text == word;

    /// <summary>Reports that the value is of the wrong type. Gives null, or the default of a type that has none.</summary>
    /// <param name="expected">What would be right, e.g. <c>true or false</c>.</param>
    public T? Wrong<T>(string expected)
    {
        var found = Value switch
        {
            YamlScalar { IsNull: true } => "it has no value",
            YamlScalar scalar => $"found {Quoted.Show(scalar.Text)}",
            YamlList => "found a list",
            _ => "found a mapping",
        };
        Diagnostics.Add(Codes.WrongType.At(Value.Position, $"'{Key}' expects {expected}; {found}"));
        return default;
    }

    /// <summary>Reports that the value is of the right type, but cannot be. Gives null, or the default of a type that has none.</summary>
    public T? Impossible<T>(string message)
    {
        Diagnostics.Add(Codes.ImpossibleValue.At(Value.Position, message));
        return default;
    }

    /// <summary>Text, not empty and on one line. Numbers count as text too, since nodes may be called <c>12</c>.</summary>
    public string? Text(string expected = "text", int maxLength = 4096)
    {
        if (Value is not YamlScalar { IsNull: false } scalar)
            return Wrong<string>(expected);
        if (scalar.Text.Trim().Length == 0)
            return Impossible<string>($"'{Key}' is empty; it expects {expected}");
        if (scalar.Text.Any(char.IsControl))
            return Impossible<string>($"'{Key}' holds a control character or a line break: {Quoted.Show(scalar.Text)}");
        if (scalar.Text.Length > maxLength)
            return Impossible<string>($"'{Key}' is {scalar.Text.Length} characters long; at most {maxLength} are legal");
        return scalar.Text;
    }

    public Located<string>? Path() => Text("a path") is { } text ? new Located<string>(text, Value.Position) : null;

    public double? Number(NumberRange range, string expected = "a number, a percentage or a fraction (0.4, 40%, 2/5)")
    {
        if (Value is not YamlScalar scalar || Numbers.Parse(scalar) is not { } value)
            return Wrong<double?>(expected);
        if (range.Holds(value))
            return value;
        var isPercent = value > 1 && !scalar.Text.Contains('%') && range.Max <= 10 && range.Holds(value / 100);
        var percent = isPercent ? $" (did you mean {Quoted.Short(scalar.Text)}%?)" : "";
        return Impossible<double?>($"'{Key}' is {Quoted.Short(scalar.Text)}; it must be {range}{percent}");
    }

    /// <summary>A number in percent, with or without the sign.</summary>
    public double? Percent(NumberRange range)
    {
        if (Value is not YamlScalar scalar || Numbers.Parse(scalar) is not { } value)
            return Wrong<double?>("a number in percent (99.99)");

        // Without rounding, 99.99% would come out a bit above or below.
        var percent = scalar.Text.EndsWith('%') ? Math.Round(value * 100, 9) : value;
        return range.Holds(percent) ? percent : Impossible<double?>($"'{Key}' is {Quoted.Short(scalar.Text)}; in percent it must be {range}");
    }

    public long? Long(long min, long max = long.MaxValue)
    {
        if (Value is not YamlScalar scalar || Numbers.ParseInteger(scalar) is not { } value)
            return Wrong<long?>("a whole number");
        return value >= min && value <= max
            ? value
            : Impossible<long?>($"'{Key}' is {value}; it must be at least {min}{(max == long.MaxValue ? "" : $" and at most {max}")}");
    }

    public int? Integer(int min = int.MinValue) => (int?)Long(min, int.MaxValue);

    public bool? Flag()
    {
        if (Value is YamlScalar { IsPlain: true } scalar)
        {
            switch (scalar.Text)
            {
                case "true" or "True" or "TRUE":
                    return true;
                case "false" or "False" or "FALSE":
                    return false;
            }
        }

        return Wrong<bool?>("true or false");
    }

    /// <summary>One to three sizes of a kernel.</summary>
    public IReadOnlyList<int>? KernelSizes()
    {
        switch (Value)
        {
            case YamlList { Items.Count: >= 1 and <= 3 } list:
                return [.. list.Items.Select(item => With(item).Integer(1) ?? 1)];
            case YamlScalar scalar when scalar.Text.Split('x') is { Length: <= 3 } parts && parts.All(part => Numbers.ParseDigits(part) > 0):
                return [.. parts.Select(part => Numbers.ParseDigits(part)!.Value)];
            default:
                return Wrong<IReadOnlyList<int>>("kernel sizes such as 3x3, or [3, 3]");
        }
    }

    /// <summary>One of several words.</summary>
    /// <param name="words">The legal words and what they mean.</param>
    /// <param name="planned">Words that this version does not support.</param>
    public T? Word<T>(IReadOnlyDictionary<string, T> words, params ReadOnlySpan<string> planned)
        where T : struct
    {
        var legal = string.Join(", ", words.Keys);
        if (Value is not YamlScalar { IsNull: false } scalar)
            return Wrong<T?>($"one of {legal}");
        if (words.TryGetValue(scalar.Text, out var meaning))
            return meaning;
        var shown = Quoted.Show(scalar.Text);
        return Impossible<T?>(planned.Contains(scalar.Text)
            ? $"'{Key}: {scalar.Text}' is not supported by this version; it supports {legal}"
            : $"'{Key}' cannot be {shown}{Spelling.DidYouMean(scalar.Text, words.Keys)}; it is one of {legal}");
    }
}
