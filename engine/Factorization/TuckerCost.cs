namespace Compress.Factorization;

/// <summary>What a convolution costs before and after a Tucker decomposition, in multiply-accumulates for one sample and in weights.</summary>
/// <param name="Inputs">C_in.</param>
/// <param name="Outputs">C_out.</param>
/// <param name="KernelSize">K = K_h·K_w.</param>
/// <param name="InputPositions">Q: the 1x1 convolution that comes first runs on every one of them.</param>
/// <param name="OutputPositions">P, which is less than Q where the layer is strided.</param>
/// <param name="Groups">How many such convolutions stand side by side.</param>
readonly record struct TuckerCost(int Inputs, int Outputs, int KernelSize, long InputPositions, long OutputPositions, int Groups = 1)
{
    /// <summary>min(C_in, C_out·K): the rank of the input mode's unfolding is never above it.</summary>
    public int MaxInputRank => (int)Math.Min(Inputs, (long)Outputs * KernelSize);

    /// <summary>min(C_out, C_in·K).</summary>
    public int MaxOutputRank => (int)Math.Min(Outputs, (long)Inputs * KernelSize);

    /// <summary>C_in·C_out·K·P.</summary>
    public long Macs => Groups * (long)Inputs * Outputs * KernelSize * OutputPositions;

    public long Weights => Groups * (long)Inputs * Outputs * KernelSize;

    /// <summary>C_in·R3·Q + R3·R4·K·P + R4·C_out·P, without the first term where the input mode stays whole.</summary>
    public long MacsAfter(TuckerRanks ranks) => Groups * (
        (ranks.Input is { } input ? Inputs * (long)input * InputPositions : 0)
        + (((ranks.Input ?? Inputs) * (long)(ranks.Output ?? Outputs) * KernelSize) + (ranks.Output is { } output ? output * (long)Outputs : 0)) * OutputPositions);

    /// <summary>C_in·R3 + R3·R4·K + R4·C_out.</summary>
    public long WeightsAfter(TuckerRanks ranks) => (this with { InputPositions = 1, OutputPositions = 1 }).MacsAfter(ranks);

    /// <summary>Whether both multiply-accumulates and weights go down.</summary>
    public bool Saves(TuckerRanks ranks) => MacsAfter(ranks) < Macs && WeightsAfter(ranks) < Weights;

    public bool Reaches(double speedup, TuckerRanks ranks) => MacsAfter(ranks) * speedup <= Macs;
}
