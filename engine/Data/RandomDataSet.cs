using System.Numerics.Tensors;
using Compress.Diagnostics;
using Compress.Policies;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Data;

/// <summary>
/// Random numbers in the shapes that a model wants: standard normal for floating-point inputs, 0 or 1 for integers, so that they
/// are legal as masks and as indices of all but the smallest tables. A sample depends on the seed and its number alone.
/// </summary>
sealed class RandomDataSet : DataSet
{
    const int DefaultCount = 16;

    /// <summary>Numbers that are made at once.</summary>
    const int Chunk = 512;

    readonly IReadOnlyList<(ModelInput Input, int[] Shape)> columns;
    readonly int seed;

    RandomDataSet(IReadOnlyList<(ModelInput Input, int[] Shape)> columns, int count, int seed) =>
        (this.columns, Count, this.seed) = (columns, count, seed);

    public override int Count { get; }

    /// <summary>Always null.</summary>
    public override IReadOnlyList<int>? Labels => null;

    /// <exception cref="CompressException">CMP2008: a size is free and not given; CMP3003: given sizes do not fit the model, or each other.</exception>
    public static RandomDataSet Open(DataSource source, IReadOnlyList<ModelInput> inputs, int seed, DiagnosticBag diagnostics)
    {
        foreach (var name in source.Shapes.Keys.Where(name => inputs.All(input => input.Name != name)))
        {
            throw Codes.DataMisfit.Fail(source.Position,
                $"'shapes' names '{name}', which is no input of the model; it has {string.Join(", ", inputs)}");
        }

        if (source.Take == 0)
            throw Codes.EmptyData.Fail(source.Position, "'take' is 0; at least one sample is needed");
        var columns = RandomShape.Of(source, inputs);
        diagnostics.Add(Codes.RandomData.At(source.Position,
            "random numbers stand in for real data: the model runs, but ranges and metrics measured on them mean nothing; name real samples"));
        return new RandomDataSet(columns, source.Take ?? DefaultCount, seed);
    }

    public override IReadOnlyDictionary<string, DataTensor> Read(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count - start);
        var batch = new Dictionary<string, DataTensor>();
        for (var column = 0; column < columns.Count; column++)
        {
            var (input, shape) = columns[column];
            var size = shape.Aggregate(1, (product, next) => product * next);
            var values = ElementConversion.NewArray(input.Type, checked(count * size));
            for (var i = 0; i < count; i++)
                Fill(values, i * size, size, new Random(unchecked((seed * 31 + column) * 1_000_003 + start + i)));
            var isWhole = shape.Length == input.Dimensions.Length && !SampleShape.StartsWithBatch(input.Dimensions);
            batch.Add(input.Name, new DataTensor(input.Type, isWhole ? shape : [count, .. shape], values));
        }

        return batch;
    }

    static void Fill(Array target, int start, int size, Random random)
    {
        if (target is float[] or double[] or Half[])
            FillNormal(target, start, size, random);
        else
            FillBits(target, start, size, random);
    }

    /// <summary>Box and Muller's transform of two uniform numbers into two normal ones, √(−2·ln u)·cos 2πv and the same with the sine.</summary>
    static void FillNormal(Array target, int start, int size, Random random)
    {
        Span<double> lengths = stackalloc double[Chunk];
        Span<double> turns = stackalloc double[Chunk];
        Span<double> normal = stackalloc double[Chunk];
        for (var done = 0; done < size; done += 2 * Chunk)
        {
            for (var i = 0; i < Chunk; i++)
                (lengths[i], turns[i]) = (1 - random.NextDouble(), 2 * random.NextDouble());
            TensorPrimitives.Log(lengths, lengths);
            TensorPrimitives.Multiply(lengths, -2, lengths);
            TensorPrimitives.Sqrt(lengths, lengths);
            TensorPrimitives.CosPi(turns, normal);
            Write(normal, lengths, done);
            TensorPrimitives.SinPi(turns, normal);
            Write(normal, lengths, done + Chunk);
        }

        void Write(Span<double> directions, Span<double> lengths, int from)
        {
            if (from >= size)
                return;
            TensorPrimitives.Multiply(directions, lengths, directions);
            ElementConversion.FromDoubles(directions[..Math.Min(Chunk, size - from)], target, start + from);
        }
    }

    static void FillBits(Array target, int start, int size, Random random)
    {
        Span<long> integers = stackalloc long[Chunk];
        for (var done = 0; done < size; done += Chunk)
        {
            var part = integers[..Math.Min(Chunk, size - done)];
            foreach (ref var integer in part)
                integer = random.Next(2);
            ElementConversion.FromIntegers(part, target, start + done);
        }
    }
}
