namespace Compress.Policies;

/// <summary>The sizes that blocks of weights with a scale of their own may have.</summary>
public static class BlockSizes
{
    public const int Usual = 32;

    /// <summary>Powers of two, as runtimes' kernels ask for.</summary>
    public static IReadOnlyList<int> All { get; } = [16, 32, 64, 128, 256];
}
