using System.CommandLine;

namespace Compress.Tool.Commands;

/// <summary>An option whose value is one of a few words; case does not count.</summary>
sealed class ChoiceOption<T> : Option<string>
{
    readonly (string Word, T Value)[] words;

    /// <param name="name">The option's name; -x aliases may follow after a bar, as in <c>--verbosity|-v</c>.</param>
    /// <param name="description">What it decides.</param>
    /// <param name="byDefault">The word that holds where the option is not given.</param>
    /// <param name="words">The words; where several mean the same, help shows the first.</param>
    public ChoiceOption(string name, string description, string byDefault, params (string Word, T Value)[] words)
        : base(name.Split('|')[0], name.Split('|')[1..])
    {
        this.words = words;
        Description = description;
        HelpName = string.Join('|', words.DistinctBy(word => word.Value).Select(word => word.Word));
        DefaultValueFactory = _ => byDefault;
        Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var given }] && Find(given) < 0)
                result.AddError($"'{given}' is no value for {Name}; it is one of {string.Join(", ", words.Select(word => word.Word))}");
        });
    }

    public T In(ParseResult parsed) => words[Find(parsed.GetRequiredValue(this))].Value;

    int Find(string given) => Array.FindIndex(words, word => word.Word.Equals(given, StringComparison.OrdinalIgnoreCase));
}
