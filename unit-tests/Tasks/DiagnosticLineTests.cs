using Compress.MSBuild;

namespace Compress.UnitTests.Tasks;

public sealed class DiagnosticLineTests
{
    static readonly string Folder = Path.GetTempPath();

    [Theory]
    [InlineData("models/compress.yaml(14,5): error CMP1003: unknown key 'prnue'", "models/compress.yaml", 14, 5, true, "CMP1003", "unknown key 'prnue'")]
    [InlineData("compress.yaml(7): warning CMP1008: no layer: 'a'", "compress.yaml", 7, 0, false, "CMP1008", "no layer: 'a'")]
    [InlineData("resnet.onnx: error CMP2002: not an ONNX model", "resnet.onnx", 0, 0, true, "CMP2002", "not an ONNX model")]
    [InlineData("copy (1)/模型 a.yaml(3,4): error CMP1005: is 2(1,1): error CMP0000: odd", "copy (1)/模型 a.yaml", 3, 4, true, "CMP1005", "is 2(1,1): error CMP0000: odd")]
    [InlineData("a.yaml(1,2) : error CMP1002 : with MSBuild's spaces", "a.yaml", 1, 2, true, "CMP1002", "with MSBuild's spaces")]
    [InlineData("a.yaml(1,2): error CMP1002: ", "a.yaml", 1, 2, true, "CMP1002", "")]
    public void A_canonical_line_gives_its_parts_and_an_absolute_path(
        string text, string file, int line, int column, bool isError, string code, string message)
    {
        var parsed = DiagnosticLine.Parse(text, Folder)!;

        Assert.Equal(Path.Combine(Folder, file), parsed.File);
        Assert.Equal((line, column, isError, code, message), (parsed.Line, parsed.Column, parsed.IsError, parsed.Code, parsed.Text));
    }

    [Fact]
    public void A_diagnostic_of_the_engine_survives_the_way_through_text()
    {
        var diagnostic = Compress.Diagnostics.Codes.GateFailed.At(new(Path.Combine(Folder, "compress.yaml"), 12, 3), "top1 drops by 2%");

        var parsed = DiagnosticLine.Parse(diagnostic.ToString(), Folder)!;

        Assert.Equal((diagnostic.Position!.File, 12, 3, "CMP5001"), (parsed.File, parsed.Line, parsed.Column, parsed.Code));
    }

    [Fact]
    public void A_diagnostic_about_no_file_has_none()
    {
        Assert.Null(DiagnosticLine.Parse("compress: error CMP6004: no command", Folder)!.File);
    }

    [Theory]
    [InlineData("")]
    [InlineData("reading compress.yaml: 50%")]
    [InlineData("a.yaml(1,2): note CMP1002: no severity")]
    [InlineData("a.cs(1,2): error CS1002: someone else's code")]
    [InlineData("a.yaml(1,2): error: no code")]
    public void Other_lines_are_no_diagnostics(string text)
    {
        Assert.Null(DiagnosticLine.Parse(text, Folder));
    }

    [Fact]
    public void A_long_line_without_a_diagnostic_is_read_in_a_moment()
    {
        Assert.Null(DiagnosticLine.Parse(new string('(', 100_000), Folder));
    }
}
