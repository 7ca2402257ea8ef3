using Compress.Diagnostics;
using Compress.Policies;

namespace Compress.Data;

/// <summary>Opens the data that a policy names.</summary>
public static class DataSets
{
    const string LabelsArray = "labels";

    /// <summary>
    /// Samples that fit a model's inputs. Files are read whole and held in their own element types; conversion and normalisation,
    /// (value · scale − mean) / std for floating-point inputs, happen batch by batch.
    /// </summary>
    /// <param name="source">The source.</param>
    /// <param name="resolve">Makes a path of the policy absolute.</param>
    /// <param name="inputs">The model's inputs; all of them must be fed.</param>
    /// <param name="seed">The seed of shuffling and of random data where the source has none of its own.</param>
    /// <param name="diagnostics">Takes the warning that data is random.</param>
    /// <exception cref="CompressException">
    /// CMP3001: a file cannot be read; CMP3002: a file is malformed; CMP3003: the data does not fit the inputs; CMP3004: the labels do not
    /// fit the samples; CMP3005: there is no sample; CMP2008: random data for an input with a free size.
    /// </exception>
    public static DataSet Open(
        DataSource source, Func<string, string> resolve, IReadOnlyList<ModelInput> inputs, int seed, DiagnosticBag diagnostics)
    {
        if (inputs.Count == 0)
            throw Codes.DataMisfit.Fail(source.Position, "the model has no input that data could feed; remove the source");
        seed = source.Seed ?? seed;
        if (source.Format == DataFormat.Random)
            return RandomDataSet.Open(source, inputs, seed, diagnostics);
        var file = DataFile.Of(source.File ?? throw new ArgumentException($"{source.Format} data has no file", nameof(source)), resolve);
        var arrays = source.Format == DataFormat.Npz ? ReadNpz(file, inputs) : ReadOne(file, source, inputs);
        var columns = inputs.ToDictionary(input => input.Name, input => new SampleColumn(source, file, arrays[input.Name], input));
        var samples = SameCount(file, columns);
        var sizes = new SymbolicSizes(inputs);
        foreach (var input in inputs)
        {
            if (sizes.Learn(input, columns[input.Name].Shape) is { } contradiction)
                throw file.Misfit($"contradicts itself: {contradiction}");
        }

        var order = Order(source, file, samples, seed);
        return new FileDataSet(columns, order, Labels(source, resolve, file, arrays, columns, samples));
    }

    static Dictionary<string, NumberArray> ReadOne(DataFile file, DataSource source, IReadOnlyList<ModelInput> inputs)
    {
        if (inputs.Count != 1)
        {
            throw file.Misfit($"feeds one input, but the model has {inputs.Count}: {string.Join(", ", inputs)};"
                + " name an npz file with an array for each");
        }

        if (source.Input is { } name && name != inputs[0].Name)
            throw file.Misfit($"is meant for the input '{name}', but the model has {inputs[0]}");
        return new() { [inputs[0].Name] = ArrayFile.Read(file, source.Format) };
    }

    static Dictionary<string, NumberArray> ReadNpz(DataFile file, IReadOnlyList<ModelInput> inputs)
    {
        var arrays = NpzFormat.Read(file, [.. inputs.Select(input => input.Name), LabelsArray], out var found);
        if (inputs.FirstOrDefault(input => !arrays.ContainsKey(input.Name)) is not { } missing)
            return arrays;
        var held = found.Count > 0 ? string.Join(", ", found.Select(name => $"'{name}'")) : "no array";
        throw file.Misfit($"has no array for the model's input {missing}; it holds {held}");
    }

    static int SameCount(DataFile file, Dictionary<string, SampleColumn> columns)
    {
        var (first, samples) = (columns.First().Key, columns.First().Value.Count);
        foreach (var (name, column) in columns)
        {
            if (column.Count != samples)
                throw file.Misfit($"holds {samples} samples for '{first}' and {column.Count} for '{name}'; all inputs need as many");
        }

        return samples;
    }

    static SampleOrder Order(DataSource source, DataFile file, int samples, int seed)
    {
        var held = $"the {samples} samples of '{file.Name}'";
        if (source.Skip >= samples)
            throw Codes.EmptyData.Fail(source.Position, $"'skip' of {source.Skip} leaves none of {held}; it must be less");
        if (source.Take == 0)
            throw Codes.EmptyData.Fail(source.Position, $"'take' of 0 uses none of {held}; it must be 1 or more");
        return new SampleOrder(samples, source.Skip, source.Take, source.Shuffle ? seed : null);
    }

    static int[]? Labels(
        DataSource source, Func<string, string> resolve, DataFile file, Dictionary<string, NumberArray> arrays,
        Dictionary<string, SampleColumn> columns, int samples)
    {
        if (source.Labels is { } labels)
            return LabelReader.Read(DataFile.Of(labels, resolve), samples);
        return !columns.ContainsKey(LabelsArray) && arrays.TryGetValue(LabelsArray, out var array)
            ? LabelReader.Of(file with { Name = $"{file.Name}/{LabelsArray}.npy" }, array, samples)
            : null;
    }
}
