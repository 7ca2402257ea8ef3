using Compress.Models;
using Compress.Numerics;

namespace Compress.Regression;

/// <summary>What the re-fit of one layer needs to know, and its samples while they are collected.</summary>
/// <param name="Node">The layer.</param>
/// <param name="Branch">The tensor added to the layer's output, whose error is made up for; null where there is none.</param>
/// <param name="Wanted">The tensor of the original model that output, or output plus branch, should equal.</param>
/// <param name="Kept">The channels of <paramref name="Wanted"/> that are left; null for all.</param>
/// <param name="Patches">The rows that the layer multiplies.</param>
/// <param name="Outputs">The layer's outputs.</param>
sealed record LayerFit(Node Node, string? Branch, string Wanted, int[]? Kept, InputPatches Patches, int Outputs)
{
    /// <summary>Rows for each unknown: enough for the fit to be well determined, and no more.</summary>
    const int RowsPerInput = 8;

    const int LeastRows = 1 << 11;
    const int MostRows = 1 << 13;
    const int ValidationEvery = 4;

    /// <summary>The most numbers in the input rows: 64 MB, which also bounds the side of the systems to be solved to 4096.</summary>
    const int MostNumbers = 1 << 24;

    /// <summary>With fewer, none is left to validate a fit on.</summary>
    public const int LeastSamples = ValidationEvery;

    /// <summary>Tensors of the compressed model that the fit reads.</summary>
    public IReadOnlyList<string> Read => Branch is null ? [Node.Input(0)] : [Node.Input(0), Branch];

    /// <summary>Numbers in the wanted outputs.</summary>
    public long Numbers(int samples) => (long)RowsEach(samples) * samples * Outputs;

    /// <summary>Room for the rows of a number of samples.</summary>
    public LayerSamples Allocate(int samples)
    {
        var unseen = samples / ValidationEvery;
        return new LayerSamples((samples - unseen) * RowsEach(samples), unseen * RowsEach(samples), Patches.RowLength, Outputs, hasBias: !Node.Is("MatMul"));
    }

    /// <summary>Puts what the original model gives for one sample into the rows of that sample.</summary>
    public void AddTargets(LayerSamples into, int sample, int samples, int seed, ReadOnlySpan<float> original)
    {
        var row = FirstRow(sample, samples);
        foreach (var position in Positions(sample, samples, seed))
        {
            var target = into.Target(row++);
            for (var o = 0; o < Outputs; o++)
                target[o] = original[Patches.OutputIndex(Kept?[o] ?? o, position, original.Length / Patches.Positions)];
        }
    }

    /// <summary>Puts what the compressed model gives for one sample into the rows of that sample: inputs, and what the branch leaves to be wanted.</summary>
    public void AddInputs(LayerSamples into, int sample, int samples, int seed, ReadOnlySpan<float> input, ReadOnlySpan<float> branch)
    {
        var row = FirstRow(sample, samples);
        foreach (var position in Positions(sample, samples, seed))
        {
            Patches.Fill(input, position, into.Input(row));
            var target = into.Target(row++);
            for (var o = 0; o < Outputs && !branch.IsEmpty; o++)
                target[o] -= branch[Patches.OutputIndex(o, position, Outputs)];
        }
    }

    int RowsEach(int samples)
    {
        var rows = (int)Math.Min(Math.Clamp(RowsPerInput * (long)Patches.RowLength, LeastRows, MostRows), MostNumbers / (Patches.RowLength + 1));
        return Math.Min(Patches.Positions, Math.Max(1, rows / samples));
    }

    /// <summary>Every fourth sample is for validation, whose rows come last.</summary>
    int FirstRow(int sample, int samples)
    {
        var before = sample / ValidationEvery;
        var unseen = sample % ValidationEvery == ValidationEvery - 1;
        return (unseen ? samples - (samples / ValidationEvery) + before : sample - before) * RowsEach(samples);
    }

    /// <summary>Distinct output positions of one sample, spread evenly from an offset that differs between samples.</summary>
    IEnumerable<int> Positions(int sample, int samples, int seed)
    {
        var count = RowsEach(samples);
        // Knuth's multiplicative hash: neighbouring samples start far apart.
        var first = (int)((uint)((sample + seed) * 2654435761L) % (uint)Patches.Positions);
        for (var i = 0; i < count; i++)
            yield return (first + (int)((long)i * Patches.Positions / count)) % Patches.Positions;
    }
}
