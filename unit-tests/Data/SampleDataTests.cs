using Compress.Data;
using Compress.Execution;
using Compress.Policies;
using Compress.UnitTests.Support;
using static Compress.UnitTests.Data.DataFolder;

namespace Compress.UnitTests.Data;

public sealed class SampleDataTests
{
    static readonly string Sample = Repository.PathOf("samples", "fashion-mnist");

    [Fact]
    public void The_calibration_images_are_512()
    {
        using var data = Open("calibration-images.idx3-ubyte.gz", null, Input(null, 1, 28, 28));

        Assert.Equal(512, data.Count);
    }

    [Theory]
    [InlineData("fmnist-lenet.onnx")]
    [InlineData("fmnist-resnet.onnx")]
    public void The_sample_s_models_know_most_of_its_2000_balanced_test_images(string model)
    {
        using var session = Session.Open(Path.Combine(Sample, "models", model), new SessionSettings(1));
        using var data = Open("test-images.idx3-ubyte.gz", "test-labels.idx1-ubyte.gz", [.. session.Inputs]);
        var right = 0;
        for (var start = 0; start < data.Count; start += 100)
        {
            using var result = session.Run(data.Read(start, 100));
            foreach (var (i, scores) in ((float[])[.. result.Floats(session.OutputNames[0])]).Chunk(10).Index())
                right += scores.IndexOf(scores.Max()) == data.Labels![start + i] ? 1 : 0;
        }

        Assert.Equal(2000, data.Count);
        Assert.All(data.Labels!.CountBy(label => label), entry => Assert.Equal(200, entry.Value));
        Assert.InRange(right, 1700, 2000);
    }

    static DataSet Open(string images, string? labels, params ModelInput[] inputs)
    {
        var source = Source(DataFormat.Idx, labels) with { File = At(images), Scale = 1.0 / 255, Mean = [0.2860], Std = [0.3530] };
        return DataSets.Open(source, name => Path.Combine(Sample, "data", name), inputs, 0, []);
    }
}
