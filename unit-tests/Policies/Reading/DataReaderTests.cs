using Compress.Diagnostics;
using Compress.Policies;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Policies.Reading;

public class DataReaderTests
{
    [Fact]
    public void A_source_is_read_key_by_key()
    {
        var source = Read("""
            {
                idx: images.gz, labels: labels.gz, input: x, scale: 1/255, mean: 0.2860, std: 35.3%,
                skip: 10, take: 256, shuffle: true, seed: 7 }
            """);

        Assert.Equal(DataFormat.Idx, source.Format);
        Assert.Equal(new Located<string>("images.gz", new SourcePosition("p.yaml", 5, 10)), source.File);
        Assert.Equal(new Located<string>("labels.gz", new SourcePosition("p.yaml", 5, 29)), source.Labels);
        Assert.Equal("x", source.Input);
        Assert.Equal(1.0 / 255, source.Scale);
        Assert.Equal([0.286], source.Mean);
        Assert.Equal([0.353], source.Std);
        Assert.Equal((10, 256, true, 7), (source.Skip, source.Take, source.Shuffle, source.Seed));
    }

    [Fact]
    public void A_source_has_defaults_for_all_but_its_file()
    {
        var source = Read("{ npy: a.npy }");

        Assert.Equal((DataFormat.Npy, null, null, 1.0), (source.Format, source.Labels, source.Input, source.Scale));
        Assert.Equal([0], source.Mean);
        Assert.Equal([1], source.Std);
        Assert.Equal((0, null, false, null), (source.Skip, source.Take, source.Shuffle, source.Seed));
    }

    [Fact]
    public void Means_and_deviations_may_be_given_for_each_channel()
    {
        var source = Read("{ npz: a.npz, mean: [0.485, 45.6%, 2/5], std: [1, 2, .5] }");

        Assert.Equal([0.485, 0.456, 0.4], source.Mean);
        Assert.Equal([1, 2, 0.5], source.Std);
    }

    [Theory]
    [InlineData("random: true", 16)]
    [InlineData("random: 4", 4)]
    [InlineData("random: true, take: 8", 8)]
    public void Random_data_has_a_number_of_samples(string keys, int count)
    {
        var source = Read($"{{ {keys} }}");

        Assert.Equal((DataFormat.Random, null, count), (source.Format, source.File, source.Take));
    }

    [Fact]
    public void Random_data_may_be_given_its_sizes()
    {
        var source = Read("{ random: 1, shapes: { ids: [1, 128], 'a b': [1] } }");

        Assert.Equal(["ids", "a b"], source.Shapes.Keys);
        Assert.Equal([1, 128], source.Shapes["ids"]);
    }

    [Theory]
    [InlineData("{ take: 4 }", 16, "CMP1006: a data source needs one of idx, npz, npy, random")]
    [InlineData("{ idx: a, npz: b }", 26, "CMP1007: 'npz' and 'idx' exclude each other; give one of idx, npz, npy, random")]
    [InlineData("{ images: a }", 18, "CMP1003: 'images' is not supported by this version; a data source takes idx, npz, npy, random, labels, input, scale, mean, std, skip, take, shuffle, seed, shapes")]
    [InlineData("samples.npz", 16, "CMP1004: 'calibration' expects a mapping such as { npz: samples.npz }; found 'samples.npz'")]
    [InlineData("{ random: false }", 26, "CMP1004: 'random' expects true or the number of samples; found 'false'")]
    [InlineData("{ random: 0 }", 26, "CMP1005: 'random' is 0; it must be at least 1 and at most 2147483647")]
    [InlineData("{ random: 4, take: 4 }", 29, "CMP1007: 'take' and a number of random samples exclude each other; give one of them")]
    [InlineData("{ random: 4, scale: 2 }", 29, "CMP1007: 'scale' has no meaning for random data")]
    [InlineData("{ npz: a, input: x }", 26, "CMP1007: 'input' has no meaning for npz, whose arrays carry the inputs' names and sizes")]
    [InlineData("{ idx: a, shapes: { x: [1] } }", 26, "CMP1007: 'shapes' is for random data alone; a file knows its sizes")]
    [InlineData("{ idx: a, std: 0 }", 31, "CMP1005: 'std' is 0; it must be greater than 0")]
    [InlineData("{ idx: a, std: [1, 0%] }", 35, "CMP1005: 'std' is 0%; it must be greater than 0")]
    [InlineData("{ idx: a, mean: [] }", 32, "CMP1005: 'mean' is an empty list; it takes a number for each channel")]
    [InlineData("{ idx: a, mean: {} }", 32, "CMP1004: 'mean' expects a number, or a list with a number for each channel; found a mapping")]
    [InlineData("{ idx: a, scale: 1/0 }", 33, "CMP1004: 'scale' expects a number, a percentage or a fraction (0.4, 40%, 2/5); found '1/0'")]
    [InlineData("{ idx: a, scale: .inf }", 33, "CMP1004: 'scale' expects a number, a percentage or a fraction (0.4, 40%, 2/5); found '.inf'")]
    [InlineData("{ idx: a, scale: NaN }", 33, "CMP1004: 'scale' expects a number, a percentage or a fraction (0.4, 40%, 2/5); found 'NaN'")]
    [InlineData("{ idx: a, take: 99999999999 }", 32, "CMP1005: 'take' is 99999999999; it must be at least 1 and at most 2147483647")]
    [InlineData("{ idx: a, shuffle: yes }", 35, "CMP1004: 'shuffle' expects true or false; found 'yes'")]
    [InlineData("{ random: 1, shapes: { x: 5 } }", 42, "CMP1004: 'x' expects a list of sizes, the batch first, e.g. [1, 1, 28, 28]; found '5'")]
    [InlineData("{ random: 1, shapes: { x: [0] } }", 43, "CMP1005: 'x' is 0; it must be at least 1 and at most 2147483647")]
    public void A_mistake_is_reported_where_it_stands(string source, int column, string message) => Assert.Equal(
        [$"p.yaml(3,{column}): error {message}"], PolicyYaml.Mistakes($"version: 1\ndata:\n  calibration: {source}\n"));

    [Fact]
    public void Training_data_is_not_supported_yet() => Assert.Equal(
        ["p.yaml(2,9): error CMP1003: 'training' is not supported by this version; 'data' takes calibration, evaluation"],
        PolicyYaml.Mistakes("version: 1\ndata: { training: { npz: a } }\n"));

    static DataSource Read(string source) => PolicyYaml.Valid($"version: 1\ndata:\n  evaluation:\n   {source}\n").Data.Evaluation!;
}
