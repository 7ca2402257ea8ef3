namespace Compress.Tool.Output;

/// <summary>A table's contents, however they are drawn.</summary>
/// <param name="Columns">The titles; those that end with <see cref="Right"/> head numbers, which are aligned to the right.</param>
sealed record Sheet(params string[] Columns)
{
    public const char Right = '>';

    public List<Cell[]> Rows { get; } = [];

    public string Title(int column) => Columns[column].TrimEnd(Right);

    public bool IsNumeric(int column) => Columns[column].EndsWith(Right);

    public void Add(params Cell[] row) => Rows.Add(row);
}
