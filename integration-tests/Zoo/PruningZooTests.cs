using Compress.Data;
using Compress.IntegrationTests.Support;
using Compress.Models;
using Compress.Rewriting;
using Compress.UnitTests.Pruning;
using Xunit.Abstractions;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.IntegrationTests.Zoo;

/// <summary>Pruning on models that people ship, and on those of the samples.</summary>
public sealed class PruningZooTests(ITestOutputHelper output)
{
    const int UnseenSamples = 32;

    static readonly string[] Zoo = ["ResNet-18", "PP-OCRv4 detection", "PP-OCRv4 recognition", "PP-OCR direction", "MiniLM"];

    public static TheoryData<string> Names => [.. Zoo, .. Repository.Samples.Select(file => Path.GetFileNameWithoutExtension(file))];

    /// <summary>
    /// Whatever is removed, the model gives what the original gives with these channels set to zero. A last Sigmoid or Softmax is left out, for
    /// it would hide differences.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_pruned_model_gives_what_the_masked_original_gives(string name)
    {
        var zoo = Zoo.Contains(name) ? ZooModel.Of(name) : null;
        var path = zoo is null ? Repository.Samples.Single(file => Path.GetFileNameWithoutExtension(file) == name) : await zoo.File();
        var sample = (zoo?.Sample(1) ?? new Dictionary<string, Array> { ["input"] = Sketch(1) }).ToDictionary(input => input.Key, input => ToTensor(input.Value));
        foreach (var share in (double[])[0.3, 0.5])
        {
            using var model = Model.Load(path);
            Rewriter.Run(model);
            var last = model.Graph.Producer(model.Graph.Outputs[0].Name)!;
            if (last.Is("Sigmoid", "Softmax"))
                model.Graph.SetOutputs([last.Input(0)]);

            var gone = MaskedEquivalence.Check(model, share, seed: 7, sample);

            output.WriteLine($"{name}, {share:0%}: {gone} channels went");
            Assert.True(gone > 0);
        }
    }

    /// <summary>The least-squares re-fit without labels or training, by the criterion that asks nothing of data.</summary>
    [Theory]
    [InlineData("ResNet-18", "{ op: Conv }", 30, 64)]
    [InlineData("ResNet-18", "{ op: Conv }", 50, 64)]
    [InlineData("MiniLM", "{ op: MatMul }", 30, 256)]
    public async Task On_unseen_samples_the_refit_at_least_halves_the_error(string name, string match, int percent, int samples)
    {
        using var zoo = await ZooCompression.Of(name, samples, UnseenSamples);
        var features = zoo.Expected[0].Keys.First();
        var errors = new Dictionary<bool, double>();
        foreach (var refit in (bool[])[false, true])
        {
            var (report, found) = zoo.Run($"{{ match: {match}, prune: {{ filters: {percent}%, by: l1, reconstruct: {(refit ? "true" : "false")} }} }}");
            errors[refit] = RelativeError(zoo.Expected, found, features);
            output.WriteLine($"{name}, {features}, {percent}% of filters, {samples} samples, re-fit {refit}: relative error {errors[refit]:0.000}, cosine {ZooOutputs.Cosine(zoo.Expected, found, features):0.000} on {UnseenSamples} unseen samples, {report.Ratios!.Macs:0.0%} of the MACs");
        }

        Assert.InRange(errors[true], 0, errors[false] / 2);
    }

    /// <summary>‖expected − found‖ / ‖expected‖ over all samples.</summary>
    static double RelativeError(IReadOnlyList<IReadOnlyDictionary<string, float[]>> expected, IReadOnlyList<IReadOnlyDictionary<string, float[]>> found, string name)
    {
        double difference = 0, norm = 0;
        foreach (var (one, other) in expected.Zip(found))
        {
            foreach (var (x, y) in one[name].Zip(other[name]))
                (difference, norm) = (difference + (((double)x - y) * ((double)x - y)), norm + ((double)x * x));
        }

        return Math.Sqrt(difference / norm);
    }

    /// <summary>A grey picture as small as those of Fashion-MNIST, [1, 1, 28, 28].</summary>
    static float[,,,] Sketch(int seed)
    {
        var photo = Pictures.Photo(seed, 28, 28, 1 / 0.3530f, -0.2860f / 0.3530f);
        var sketch = new float[1, 1, 28, 28];
        for (var i = 0; i < 28 * 28; i++)
            sketch[0, 0, i / 28, i % 28] = photo[0, 0, i / 28, i % 28];
        return sketch;
    }

    static DataTensor ToTensor(Array array)
    {
        var isLong = array.GetType().GetElementType() == typeof(long);
        Array values = isLong ? new long[array.Length] : new float[array.Length];
        Buffer.BlockCopy(array, 0, values, 0, Buffer.ByteLength(array));
        return new DataTensor(isLong ? DataType.Int64 : DataType.Float, NpzFile.Shape(array), values);
    }
}
