namespace Compress.Tool.Commands;

/// <summary>Options that every command has.</summary>
sealed class CommonOptions
{
    public ChoiceOption<OutputFormat> Format { get; } = new("--format",
        "The form of results on standard output: text for people, or one JSON document.", "text",
        ("text", OutputFormat.Text), ("json", OutputFormat.Json))
    {
        Recursive = true,
    };

    public ChoiceOption<Verbosity> Verbosity { get; } = new("--verbosity|-v",
        "How much is printed: quiet, minimal, normal, detailed or diagnostic.", "normal",
        ("q", Commands.Verbosity.Quiet), ("m", Commands.Verbosity.Minimal), ("n", Commands.Verbosity.Normal), ("d", Commands.Verbosity.Detailed),
        ("diag", Commands.Verbosity.Diagnostic), ("quiet", Commands.Verbosity.Quiet), ("minimal", Commands.Verbosity.Minimal),
        ("normal", Commands.Verbosity.Normal), ("detailed", Commands.Verbosity.Detailed), ("diagnostic", Commands.Verbosity.Diagnostic))
    {
        Recursive = true,
    };
}
