namespace Compress.Factorization;

/// <summary>What a layer costs before and after a factorization that adds up terms of rank one, each of which costs the same.</summary>
/// <param name="MaxRank">The greatest rank.</param>
/// <param name="MaxText">It in words, e.g. <c>min(inputs, outputs)</c>.</param>
/// <param name="Macs">Multiply-accumulates of the layer.</param>
/// <param name="MacsOfRank">Those of each rank.</param>
/// <param name="Weights">Weights of the layer.</param>
/// <param name="WeightsOfRank">Those of each rank.</param>
readonly record struct SvdCost(int MaxRank, string MaxText, long Macs, long MacsOfRank, long Weights, long WeightsOfRank)
{
    /// <summary>A dense layer: in·out becomes r·(in + out), for each row that it multiplies.</summary>
    /// <param name="inputs">Rows of the matrix that multiplies, as inputs x outputs.</param>
    /// <param name="outputs">Its columns.</param>
    /// <param name="batch">The number of such matrices.</param>
    public static SvdCost Dense(int inputs, int outputs, long batch = 1) => new(
        Math.Min(inputs, outputs), "min(inputs, outputs)",
        batch * inputs * outputs, batch * (inputs + (long)outputs), batch * inputs * outputs, batch * (inputs + (long)outputs));

    public long MacsAfter(int rank) => rank * MacsOfRank;

    public long WeightsAfter(int rank) => rank * WeightsOfRank;

    /// <summary>Whether both multiply-accumulates and weights go down.</summary>
    public bool Saves(int rank) => MacsAfter(rank) < Macs && WeightsAfter(rank) < Weights;
}
