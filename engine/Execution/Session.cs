using System.Runtime.CompilerServices;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Models;
using Microsoft.ML.OnnxRuntime;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Execution;

/// <summary>A model that ONNX Runtime has loaded.</summary>
public sealed class Session : IDisposable
{
    /// <summary>16 MB: what a collection costs is little beside opening such a model.</summary>
    const int LargeMessage = 1 << 24;

    readonly InferenceSession session;
    readonly SessionOptions options;
    readonly RunOptions runOptions = new();
    readonly SharedWeights? weights;

    Session(Func<SessionOptions, InferenceSession> open, string path, SessionSettings settings, SharedWeights? weights = null)
    {
        this.weights = weights;
        options = settings.ToOptions();
        try
        {
            session = open(options);
        }
        catch (OnnxRuntimeException exception)
        {
            options.Dispose();
            weights?.Dispose();
            throw Codes.ModelRejected.Fail(path, $"ONNX Runtime does not accept the model: {OneLine(exception.Message)}");
        }

        Inputs = [.. session.InputMetadata.Select(entry => ToInput(entry.Key, entry.Value))];
        OutputNames = session.OutputNames;
        Outputs = [.. session.OutputMetadata.Select(entry => ToInput(entry.Key, entry.Value))];
        IsBatchFree = Inputs.Count > 0 && Inputs.All(input => input.IsBatchFree);
        Path = path;
    }

    public string Path { get; }

    public IReadOnlyList<ModelInput> Inputs { get; }

    public IReadOnlyList<string> OutputNames { get; }

    /// <summary>Types and sizes of the outputs, as far as the runtime infers them without a run.</summary>
    internal IReadOnlyList<ModelInput> Outputs { get; }

    /// <summary>Whether samples can be run in batches.</summary>
    public bool IsBatchFree { get; }

    /// <exception cref="CompressException">CMP2003: ONNX Runtime does not accept the model.</exception>
    public static Session Open(Model model, SessionSettings settings)
    {
        if (!SharedWeights.CanShare(model, settings))
        {
            var session = OpenBytes(model, settings, out var length);
            // The message is garbage now, which nothing else would make the collector look for while sessions take native memory.
            if (length >= LargeMessage)
                GC.Collect();
            return session;
        }

        var weights = new SharedWeights(model, settings);
        return new Session(weights.Open, model.Path, settings, weights);
    }

    /// <remarks>A method of its own, so that nothing refers to the message when it is left.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static Session OpenBytes(Model model, SessionSettings settings, out int length)
    {
        var bytes = model.ToBytes();
        length = bytes.Length;
        return new Session(options => new InferenceSession(bytes, options), model.Path, settings);
    }

    /// <summary>Loads a file, as an app would.</summary>
    /// <exception cref="CompressException">CMP2003: ONNX Runtime does not accept the model.</exception>
    public static Session Open(string path, SessionSettings settings, string? shownAs = null) =>
        new(options => new InferenceSession(path, options), shownAs ?? path, settings);

    /// <summary>Runs the model on one batch.</summary>
    /// <param name="batch">A value for each input.</param>
    /// <param name="cancellation">Stops the run before its next operator: a loop in a model may go on for ever.</param>
    /// <exception cref="CompressException">CMP2003 or CMP3003: the model fails on this data.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped. The session is of no more use.</exception>
    public RunResult Run(IReadOnlyDictionary<string, DataTensor> batch, CancellationToken cancellation = default)
    {
        var inputs = new Dictionary<string, OrtValue>(Inputs.Count);
        try
        {
            foreach (var input in Inputs)
            {
                if (!batch.TryGetValue(input.Name, out var tensor))
                    throw Codes.DataMisfit.Fail(Path, $"the data has no values for the model's input {input}");
                inputs.Add(input.Name, OrtTensors.ToOrtValue(tensor));
            }

            return new RunResult(OutputNames, Run(inputs, cancellation));
        }
        finally
        {
            foreach (var value in inputs.Values)
                value.Dispose();
        }
    }

    /// <summary>Runs the model on values of the runtime, which stay the caller's.</summary>
    /// <returns>The outputs, in the order of <see cref="OutputNames"/>.</returns>
    internal IDisposableReadOnlyCollection<OrtValue> Run(IReadOnlyDictionary<string, OrtValue> inputs, CancellationToken cancellation)
    {
        using var registration = cancellation.Register(() => runOptions.Terminate = true);
        try
        {
            return session.Run(runOptions, inputs, OutputNames);
        }
        catch (OnnxRuntimeException exception)
        {
            cancellation.ThrowIfCancellationRequested();
            throw Codes.ModelRejected.Fail(Path, $"ONNX Runtime fails while running the model: {OneLine(exception.Message)}");
        }
    }

    public void Dispose()
    {
        session.Dispose();
        options.Dispose();
        runOptions.Dispose();
        weights?.Dispose();
        NativeHeap.Trim();
    }

    static string OneLine(string message) => message.ReplaceLineEndings(" ").Trim();

    static ModelInput ToInput(string name, NodeMetadata metadata)
    {
        if (!metadata.IsTensor)
            return new ModelInput(name, DataType.Undefined, [], []);
        return new ModelInput(name, (DataType)(int)metadata.ElementDataType,
            [.. metadata.Dimensions.Select(size => size < 0 ? (int?)null : size)], metadata.SymbolicDimensions);
    }
}
