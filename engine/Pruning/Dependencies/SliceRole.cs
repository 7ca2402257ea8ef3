namespace Compress.Pruning.Dependencies;

/// <summary>What a constant is to the channels along one of its axes.</summary>
enum SliceRole
{
    /// <summary>A weight whose outputs are the channels.</summary>
    Producer,

    /// <summary>A weight that reads the channels.</summary>
    Consumer,

    /// <summary>Something for each channel: a bias, a slope, a scale, a depthwise filter.</summary>
    Rider,
}
