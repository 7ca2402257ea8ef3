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
        Span<double> normal = stackalloc double[1];
        Span<long> integer = stackalloc long[1];
        for (var i = start; i < start + size; i++)
        {
            if (target is float[] or double[] or Half[])
            {
                // Box and Muller's transform of two uniform numbers into a normal one.
                normal[0] = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                ElementConversion.FromDoubles(normal, target, i);
            }
            else
            {
                integer[0] = random.Next(2);
                ElementConversion.FromIntegers(integer, target, i);
            }
        }
    }
}
