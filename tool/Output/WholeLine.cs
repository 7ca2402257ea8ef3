using Spectre.Console;
using Spectre.Console.Rendering;

namespace Compress.Tool.Output;

/// <summary>A styled line that is as long as its text: the terminal may wrap it, but a copy of it stays one line.</summary>
sealed class WholeLine(string text, Style style) : IRenderable
{
    public Measurement Measure(RenderOptions options, int maxWidth) => new(text.Length, text.Length);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => [new Segment(text, style), Segment.LineBreak];
}
