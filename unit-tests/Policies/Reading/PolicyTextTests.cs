using System.Text;
using Compress.Diagnostics;
using Compress.Policies;

namespace Compress.UnitTests.Policies.Reading;

public sealed class PolicyTextTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("policy-text-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_file_is_read_and_its_paths_are_relative_to_it()
    {
        var path = Write("version: 1\nmodel: net.onnx\n"u8);

        var policy = PolicyReader.Read(path, [])!;

        Assert.Equal(Path.Combine(folder, "net.onnx"), policy.Resolve(policy.Model!.Value));
    }

    [Fact]
    public void A_file_that_is_not_there_is_an_error_about_the_file()
    {
        var path = Path.Combine(folder, "none.yaml");

        var diagnostic = Mistake(path);

        Assert.Equal("CMP1001", diagnostic.Code);
        Assert.Equal(new SourcePosition(path), diagnostic.Position);
        Assert.StartsWith("the policy cannot be read: ", diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_no_policy()
    {
        var diagnostic = Mistake(folder);

        Assert.Equal("CMP1001", diagnostic.Code);
        Assert.EndsWith("is a folder; name the YAML file in it", diagnostic.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void A_path_that_cannot_be_one_is_an_error(string path) => Assert.Equal("CMP1001", Mistake(path).Code);

    [Fact]
    public void Bytes_that_are_not_utf8_are_reported_where_they_stand()
    {
        var path = Write([.. "version: 1\nmodel: é"u8, 0xff, .. ".onnx"u8]);

        Assert.Equal(Codes.PolicySyntax.At(new SourcePosition(path, 2, 9), "the policy is not UTF-8 text; save it in that encoding"), Mistake(path));
    }

    [Fact]
    public void Utf16_text_is_not_utf8() =>
        Assert.Equal("CMP1002", Mistake(Write([0xff, 0xfe, .. Encoding.Unicode.GetBytes("version: 1")])).Code);

    [Fact]
    public void A_control_character_is_reported_where_it_stands()
    {
        var path = Write("version: 1\nmodel: a\0b"u8);

        Assert.Equal(Codes.PolicySyntax.At(new SourcePosition(path, 2, 9), "the control character U+0000 cannot stand in YAML"), Mistake(path));
    }

    [Fact]
    public void A_file_of_more_than_a_megabyte_is_not_read()
    {
        var path = Write(Encoding.UTF8.GetBytes("version: 1\n" + new string('#', 1 << 20)));

        Assert.Equal(Codes.PolicyTooComplex.At(new SourcePosition(path), "the policy is larger than 1 MB"), Mistake(path));
    }

    string Write(ReadOnlySpan<byte> bytes)
    {
        var path = Path.Combine(folder, "p.yaml");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    static Diagnostic Mistake(string path)
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(PolicyReader.Read(path, diagnostics));
        return Assert.Single(diagnostics);
    }
}
