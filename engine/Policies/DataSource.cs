using Compress.Diagnostics;

namespace Compress.Policies;

/// <summary>Where samples come from.</summary>
public enum DataFormat
{
    /// <summary>The MNIST family's format, plain or gzip.</summary>
    Idx,

    /// <summary>A zip of NumPy arrays, named as the model's inputs; an array <c>labels</c> holds labels.</summary>
    Npz,

    /// <summary>One NumPy array, for models with one input.</summary>
    Npy,

    /// <summary>Random numbers in the inputs' shapes.</summary>
    Random,
}

/// <summary>One data source as the policy describes it. A value becomes (value · scale − mean) / std, per channel where there is one value for each.</summary>
public sealed record DataSource(DataFormat Format, SourcePosition Position)
{
    /// <summary>The file with the samples; null for random data.</summary>
    public Located<string>? File { get; init; }

    /// <summary>The file with the labels (idx or npy); null where there are none, or they stand in the samples' file.</summary>
    public Located<string>? Labels { get; init; }

    /// <summary>The model input that takes the samples of idx and npy; null for the only one.</summary>
    public string? Input { get; init; }

    public double Scale { get; init; } = 1;

    /// <summary>One value, or one for each channel.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0];

    /// <summary>One value, or one for each channel; never zero.</summary>
    public IReadOnlyList<double> Std { get; init; } = [1];

    public int Skip { get; init; }

    /// <summary>How many samples are used at most, after skipping and shuffling; null for all. Random data has 16 by default.</summary>
    public int? Take { get; init; }

    public bool Shuffle { get; init; }

    /// <summary>The seed of shuffling and of random data; null for the run's.</summary>
    public int? Seed { get; init; }

    /// <summary>Sizes of inputs for random data, the batch first, by input name.</summary>
    public IReadOnlyDictionary<string, int[]> Shapes { get; init; } = new Dictionary<string, int[]>();
}
