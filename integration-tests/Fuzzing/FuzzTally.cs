using System.Text;

namespace Compress.IntegrationTests.Fuzzing;

/// <summary>How many cases ended in which way.</summary>
sealed class FuzzTally(int seed)
{
    readonly SortedDictionary<(FuzzTarget Target, FuzzOutcome Outcome), int> counts = [];

    /// <summary>Each with what is needed to replay it.</summary>
    public List<string> Failures { get; } = [];

    public int Cases => counts.Values.Sum();

    public int Of(FuzzOutcome outcome) => counts.Where(entry => entry.Key.Outcome == outcome).Sum(entry => entry.Value);

    public void Add(int number, FuzzTarget target, FuzzOutcome outcome, string text)
    {
        counts[(target, outcome)] = counts.GetValueOrDefault((target, outcome)) + 1;
        if (outcome >= FuzzOutcome.Exception)
            Failures.Add($"{outcome} in case {number} ({target}): {text}\n  replay: dotnet exec {typeof(FuzzTally).Assembly.Location} fuzz-cases {seed} {number} 1 FOLDER");
    }

    /// <summary>The counts alone.</summary>
    public string Counts
    {
        get
        {
            var text = new StringBuilder($"seed {seed}: {Cases} cases\n");
            foreach (var target in counts.GroupBy(entry => entry.Key.Target))
                text.Append($"  {target.Key}: ").AppendJoin(", ", target.Select(entry => $"{entry.Value} {entry.Key.Outcome}")).Append('\n');
            return text.ToString();
        }
    }

    public override string ToString() => Counts + string.Join('\n', Failures);
}
