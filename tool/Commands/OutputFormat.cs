namespace Compress.Tool.Commands;

/// <summary>The form of results on standard output.</summary>
enum OutputFormat
{
    Text,
    Json,
}
