using System.Buffers;
using System.Text;
using Compress.Diagnostics;

namespace Compress.Policies.Reading;

/// <summary>Reads a policy's file as text. What comes out holds no character that YAML forbids.</summary>
static class PolicyText
{
    public const int MaxBytes = 1 << 20;

    const string TooLarge = "the policy is larger than 1 MB";

    static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    static readonly SearchValues<char> Forbidden = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Select(code => (char)code).Except(['\t', '\n', '\r']), '\x7f', '\ufffe', '\uffff']);

    /// <returns>The text; null where an error was reported.</returns>
    public static string? Read(string path, DiagnosticBag diagnostics)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var bytes = new byte[MaxBytes + 1];
            var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return Decode(bytes.AsSpan(0, count), path, diagnostics);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            var reason = Directory.Exists(path) ? $"{Quoted.Show(path)} is a folder; name the YAML file in it" : Quoted.Clean(exception.Message);
            diagnostics.Add(Codes.PolicyNotFound.At(new SourcePosition(path), $"the policy cannot be read: {reason}"));
            return null;
        }
    }

    public static string? Decode(ReadOnlySpan<byte> bytes, string file, DiagnosticBag diagnostics)
    {
        if (bytes.Length > MaxBytes)
        {
            diagnostics.Add(Codes.PolicyTooComplex.At(new SourcePosition(file), TooLarge));
            return null;
        }

        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            var before = Encoding.UTF8.GetString(bytes[..Math.Max(0, exception.Index)]);
            diagnostics.Add(Codes.PolicySyntax.At(End(before, file), "the policy is not UTF-8 text; save it in that encoding"));
            return null;
        }
    }

    /// <summary>Reports text that is too long, or holds a character that YAML forbids; YamlDotNet takes some of them for the end.</summary>
    public static bool Check(string text, string file, DiagnosticBag diagnostics)
    {
        if (text.Length > MaxBytes)
        {
            diagnostics.Add(Codes.PolicyTooComplex.At(new SourcePosition(file), TooLarge));
            return false;
        }

        var index = text.AsSpan().IndexOfAny(Forbidden);
        if (index >= 0)
            diagnostics.Add(Codes.PolicySyntax.At(End(text[..index], file), $"the control character U+{(int)text[index]:X4} cannot stand in YAML"));
        return index < 0;
    }

    /// <summary>The position just behind a text.</summary>
    static SourcePosition End(string text, string file) =>
        new(file, 1 + text.AsSpan().Count('\n'), text.Length - text.LastIndexOf('\n'));
}
