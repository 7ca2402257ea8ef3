using Spectre.Console;

namespace Compress.Tool.Output;

/// <summary>
/// Writes results for people. A terminal gets drawn tables that fit it; a file or a pipe gets columns of plain text at full width,
/// one line a row, so that nothing is cut and every row can be searched.
/// </summary>
sealed class Page(IAnsiConsole console)
{
    const string Gap = "  ";

    public void Line(string text, Style? style = null)
    {
        if (console.Profile.Out.IsTerminal)
            console.Write(new WholeLine(Printable.Line(text), style ?? Tone.Plain));
        else
            console.Profile.Out.Writer.WriteLine(Printable.Line(text));
    }

    public void Blank() => console.Profile.Out.Writer.WriteLine();

    /// <summary>Writes a table and a blank line; nothing where the table has no rows.</summary>
    public void Table(Sheet sheet)
    {
        if (sheet.Rows.Count == 0)
            return;
        if (console.Profile.Out.IsTerminal)
            console.Write(Drawn(sheet));
        else
            WritePlain(sheet);
        Blank();
    }

    static Table Drawn(Sheet sheet)
    {
        var table = new Table { Border = TableBorder.Rounded, BorderStyle = Tone.Dim };
        for (var i = 0; i < sheet.Columns.Length; i++)
        {
            table.AddColumn(new TableColumn(new Text(sheet.Title(i), Tone.Title))
            {
                Alignment = sheet.IsNumeric(i) ? Justify.Right : Justify.Left,
            });
        }

        foreach (var row in sheet.Rows)
            table.AddRow(row.Select(cell => new Text(string.Join('\n', cell.Lines), cell.Style)));
        return table;
    }

    void WritePlain(Sheet sheet)
    {
        string[][] lines = [[.. sheet.Columns.Select((_, i) => sheet.Title(i))], .. sheet.Rows.Select(row => row.Select(cell => cell.ToString()).ToArray())];
        var widths = sheet.Columns.Select((_, i) => lines.Max(line => line[i].Length)).ToArray();
        foreach (var line in lines)
        {
            var padded = line.Select((text, i) => sheet.IsNumeric(i) ? text.PadLeft(widths[i]) : text.PadRight(widths[i]));
            console.Profile.Out.Writer.WriteLine(string.Join(Gap, padded).TrimEnd());
        }
    }
}
