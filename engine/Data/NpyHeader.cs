using System.Globalization;
using System.Text.RegularExpressions;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Data;

/// <summary>The Python dictionary that describes an npy array: <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (2, 3), }</c>.</summary>
static partial class NpyHeader
{
    const int MostAxes = 64;

    /// <exception cref="Diagnostics.CompressException">CMP3002: a key is missing, or the elements are no plain numbers.</exception>
    public static ArrayHeader Parse(DataFile file, string text)
    {
        var descr = Find(file, text, Descr(), "'descr', such as '<f4'; arrays with named fields are not read");
        var order = Find(file, text, FortranOrder(), "'fortran_order', True or False");
        var shape = Find(file, text, Shape(), "'shape', such as (512, 28, 28)");
        var type = TypeOf(descr.AsSpan(1)) ?? throw file.Malformed(
            $"has the NumPy type '{descr}'; legal are f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8 and b1: convert it with astype");
        var isBigEndian = descr[0] == '>' || (descr[0] == '=' && !BitConverter.IsLittleEndian);
        return new ArrayHeader(type, Sizes(file, shape), isBigEndian, order == "True");
    }

    static string Find(DataFile file, string text, Regex pattern, string what)
    {
        var match = pattern.Match(text);
        return match.Success ? match.Groups[1].Value : throw file.Malformed($"has an npy header without {what}");
    }

    static DataType? TypeOf(ReadOnlySpan<char> code) => code switch
    {
        "f2" => DataType.Float16,
        "f4" => DataType.Float,
        "f8" => DataType.Double,
        "i1" => DataType.Int8,
        "i2" => DataType.Int16,
        "i4" => DataType.Int32,
        "i8" => DataType.Int64,
        "u1" => DataType.Uint8,
        "u2" => DataType.Uint16,
        "u4" => DataType.Uint32,
        "u8" => DataType.Uint64,
        "b1" => DataType.Bool,
        _ => null,
    };

    static int[] Sizes(DataFile file, string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length > MostAxes)
            throw file.Malformed($"declares {parts.Length} axes; NumPy allows {MostAxes}");
        return Array.ConvertAll(parts, part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size
            : throw file.Malformed($"declares the size '{part}'; sizes are whole numbers from 0 to {int.MaxValue}"));
    }

    [GeneratedRegex("""['"]descr['"]\s*:\s*['"]([<>=|][^'"]*)['"]""")]
    private static partial Regex Descr();

    [GeneratedRegex("""['"]fortran_order['"]\s*:\s*(True|False)""")]
    private static partial Regex FortranOrder();

    [GeneratedRegex("""['"]shape['"]\s*:\s*\(([^()]*)\)""")]
    private static partial Regex Shape();
}
