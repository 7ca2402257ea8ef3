using System.Text;

namespace Compress.Policies.Reading;

/// <summary>Shows text from a policy within a message: on one line, not endless, and without control characters.</summary>
static class Quoted
{
    const int MaxLength = 60;

    public static string Show(string text) => $"'{Short(text)}'";

    /// <summary>As <see cref="Show"/>, without quotes.</summary>
    public static string Short(string text) => Clean(text.Length > MaxLength ? text[..MaxLength] + "…" : text);

    public static string Clean(string text)
    {
        var builder = new StringBuilder(text.Length);
        foreach (var letter in text)
            builder.Append(char.IsControl(letter) || char.IsSurrogate(letter) ? ' ' : letter);
        return builder.ToString();
    }
}
