using System.CommandLine.Parsing;
using System.Globalization;

namespace Compress.Tool.Commands;

/// <summary>The sizes of one input as a command line gives them: <c>image=1,3,224,224</c>.</summary>
sealed record InputShape(string Name, int[] Sizes)
{
    /// <summary>The shapes of an option that may be given several times. A name may hold any character; sizes follow the last equals sign.</summary>
    public static IReadOnlyList<InputShape> Parse(ArgumentResult argument)
    {
        var shapes = new List<InputShape>();
        foreach (var word in argument.Tokens.Select(token => token.Value))
        {
            var split = word.LastIndexOf('=');
            int?[] sizes = [.. word[(split + 1)..].Split(',').Select(Size)];
            if (split < 1 || sizes.Contains(null))
                argument.AddError($"'{word}' is no value for --shape; it is an input's name and its sizes, all above zero, for example image=1,3,224,224");
            else if (shapes.Exists(shape => shape.Name == word[..split]))
                argument.AddError($"--shape gives the sizes of '{word[..split]}' twice");
            else
                shapes.Add(new InputShape(word[..split], [.. sizes.Select(size => size!.Value)]));
        }

        return shapes;
    }

    public static Dictionary<string, int[]> ByName(IEnumerable<InputShape> shapes) => shapes.ToDictionary(shape => shape.Name, shape => shape.Sizes);

    static int? Size(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 ? size : null;
}
