using System.Runtime.InteropServices;

namespace Compress.IntegrationTests.Support;

/// <summary>Samples in the form in which policies read them.</summary>
static class NpzFile
{
    /// <param name="path">The file.</param>
    /// <param name="samples">
    /// The inputs of each sample. What starts with a batch of one is stacked along it; all else is put under a new first axis.
    /// </param>
    public static void Write(string path, IReadOnlyList<IReadOnlyDictionary<string, Array>> samples)
    {
        File.WriteAllBytes(path, NumpyFiles.Npz([.. samples[0].Select(input => ($"{input.Key}.npy", Npy(input.Value, [.. samples.Select(sample => sample[input.Key])])))]));
    }

    static byte[] Npy(Array first, Array[] all)
    {
        var shape = Shape(first);
        int[] sizes = first.Rank == 1 ? [all.Length] : shape[0] == 1 ? [all.Length, .. shape[1..]] : [all.Length, .. shape];
        return NumpyFiles.Npy(first.GetType().GetElementType() == typeof(long) ? "<i8" : "<f4", $"({string.Join(", ", sizes)},)", [.. all.SelectMany(array => Bytes(array).ToArray())]);
    }

    public static int[] Shape(Array array) => [.. Enumerable.Range(0, array.Rank).Select(array.GetLength)];

    public static ReadOnlySpan<byte> Bytes(Array array) => MemoryMarshal.CreateReadOnlySpan(
        ref MemoryMarshal.GetArrayDataReference(array), Buffer.ByteLength(array));
}
