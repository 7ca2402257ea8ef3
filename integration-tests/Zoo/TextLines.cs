namespace Compress.IntegrationTests.Zoo;

/// <summary>Lines of text with what they say, made from numbers, and what a recognizer reads in them.</summary>
static class TextLines
{
    static readonly string[] Words =
    [
        "Bread", "Market", "Station", "Exit", "Ticket", "Museum", "Price", "Garden", "Hotel", "River", "Total", "Invoice", "Platform", "Bridge", "Window", "Quality", "Journey", "Zebra",
        "Kitchen", "Orange", "Vehicle", "Fabric", "Number", "Yellow", "Account", "Lemon", "Harbour", "Union", "Doctor", "Express",
    ];

    /// <summary>A word and a number, as on labels.</summary>
    public static string Text(int seed)
    {
        var random = new Random(seed);
        return Words[random.Next(Words.Length)] + (random.Next(3) == 0 ? "-" : "") + random.Next(10, 10_000);
    }

    /// <summary>What a recognizer reads: of each step the likeliest character, repetitions taken for one, and the blank, which is 0, for none.</summary>
    /// <param name="scores">Steps x classes.</param>
    /// <param name="characters">The characters of the classes from 1 on; a space follows them.</param>
    public static string Read(ReadOnlySpan<float> scores, IReadOnlyList<string> characters)
    {
        var classes = characters.Count + 2;
        var (text, last) = (new System.Text.StringBuilder(), 0);
        for (var step = 0; step < scores.Length / classes; step++)
        {
            var best = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(scores.Slice(step * classes, classes));
            if (best != 0 && best != last)
                text.Append(best <= characters.Count ? characters[best - 1] : " ");
            last = best;
        }

        // An empty end of a line is a space to some models, and nothing to others.
        return text.ToString().Trim();
    }
}
