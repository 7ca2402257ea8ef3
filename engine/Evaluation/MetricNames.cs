namespace Compress.Evaluation;

/// <summary>The metrics that can be measured and gated, by the names that policies and reports use.</summary>
public static class MetricNames
{
    /// <summary>The share of samples whose label has the highest score. Needs labels.</summary>
    public const string Top1 = "top1";

    /// <summary>The share of samples whose label is among the five highest scores. Needs labels and more than five classes.</summary>
    public const string Top5 = "top5";

    /// <summary>The share of samples on which both models give the highest score to the same class.</summary>
    public const string Agreement = "agreement";

    /// <summary>The squared difference of the float outputs to the original's: its mean over each sample, then over samples.</summary>
    public const string Mse = "mse";

    /// <summary>The cosine between both models' float outputs, all of a sample's outputs in a row; the mean over samples.</summary>
    public const string Cosine = "cosine";

    /// <summary>Bytes, after / before.</summary>
    public const string Size = "size";

    /// <summary>Bytes after Brotli, after / before.</summary>
    public const string DownloadSize = "download-size";

    /// <summary>Multiply-accumulates, after / before.</summary>
    public const string Macs = "macs";

    /// <summary>Parameters, after / before.</summary>
    public const string Parameters = "parameters";

    /// <summary>The median time of one run, after / before.</summary>
    public const string Latency = "latency";

    /// <summary>Metrics that are measured on data, in the order of reports.</summary>
    public static IReadOnlyList<string> OnData { get; } = [Top1, Top5, Agreement, Mse, Cosine];

    /// <summary>Metrics that are ratios of the compressed model to the original.</summary>
    public static IReadOnlyList<string> OfModels { get; } = [Size, DownloadSize, Macs, Parameters, Latency];
}
