using Compress.Data;
using Compress.Execution;
using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Benchmarks;

/// <summary>
/// What 8-bit weights cost on a CPU with AVX2 and without VNNI: an int8 model runs layer by layer, each with the sums of pairs saturated as that CPU saturates
/// them, and its answers are compared with those of the exact sums.
/// </summary>
static class SaturationRun
{
    const int Samples = 10_000;
    const int Batch = 100;

    public static void Print(IReadOnlyList<string> models)
    {
        Console.WriteLine($"| model | weights | top1, exact sums | top1, 16-bit pairs | answers that change | pairs that saturate |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var model in models)
        {
            foreach (var target in (string[])["vnni", "any"])
                Row(model, target);
        }
    }

    static void Row(string path, string target)
    {
        var folder = Directory.CreateTempSubdirectory("compress-saturation-").FullName;
        try
        {
            var policy = Path.Combine(folder, "compress.yaml");
            File.WriteAllText(policy, $$"""
                version: 1
                data: { calibration: { idx: {{FigurePolicy.UsualDataFolder}}/train-images-idx3-ubyte.gz, take: 512, scale: 1/255, mean: 0.2860, std: 0.3530 } }
                layers: [{ match: "*", quantize: { as: int8, repair: none, target-cpu: {{target}} } }]
                """);
            var run = TimedRun.Of(new CompressionRequest(policy) { ModelPath = path, OutputPath = Path.Combine(folder, "int8.onnx"), Gates = GateMode.Skip });
            using var model = Model.Load(run.Output);
            using var session = Session.Open(run.Output, SessionSettings.Once(0));
            using var data = Images(session.Inputs);
            Console.WriteLine(Compare(model, session, data, $"| {Path.GetFileNameWithoutExtension(path)} | {(target == "vnni" ? "±127" : "±64")} |"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static DataSet Images(IReadOnlyList<ModelInput> inputs)
    {
        var folder = FigurePolicy.UsualDataFolder;
        return DataSets.Open(new Policies.DataSource(Policies.DataFormat.Idx, new Diagnostics.SourcePosition("benchmark"))
        {
            File = new($"{folder}/t10k-images-idx3-ubyte.gz", new("benchmark")),
            Labels = new($"{folder}/t10k-labels-idx1-ubyte.gz", new("benchmark")),
            Take = Samples,
            Scale = 1 / 255.0,
            Mean = [0.2860],
            Std = [0.3530],
        }, path => path, inputs, 0, []);
    }

    static string Compare(Model model, Session exact, DataSet data, string start)
    {
        var layers = SaturatedLayer.In(model.Graph);
        var input = model.Graph.Inputs.Single().Name;
        var logits = model.Graph.Outputs[0].Name;
        // Each stage reads what the layers before it gave, saturated.
        var stages = Enumerable.Range(0, layers.Count + 1).Select(i => Stage(model, input, [.. layers.Take(i)], i < layers.Count ? [layers[i].Quantized, layers[i].Output] : [logits])).ToList();
        var (right, saturatedRight, changed) = (0, 0, 0);
        for (var first = 0; first < data.Count; first += Batch)
        {
            var fed = data.Read(first, Batch).ToDictionary();
            using (var expected = exact.Run(fed))
            {
                var classes = Classes(expected.Floats(logits), Batch);
                for (var i = 0; i <= layers.Count; i++)
                {
                    using var result = stages[i].Run(fed);
                    if (i < layers.Count)
                    {
                        fed[layers[i].Output] = new DataTensor(DataType.Float, result.Shape(layers[i].Output)!, layers[i].Run(result));
                        continue;
                    }

                    var found = Classes(result.Floats(logits), Batch);
                    for (var sample = 0; sample < Batch; sample++)
                    {
                        right += classes[sample] == data.Labels![first + sample] ? 1 : 0;
                        saturatedRight += found[sample] == data.Labels[first + sample] ? 1 : 0;
                        changed += found[sample] != classes[sample] ? 1 : 0;
                    }
                }
            }
        }

        foreach (var stage in stages)
            stage.Dispose();
        var (all, saturated) = (layers.Sum(layer => layer.Pairs.All), layers.Sum(layer => layer.Pairs.Saturated));
        return $"{start} {(double)right / data.Count:0.00%} | {(double)saturatedRight / data.Count:0.00%} | {changed} of {data.Count} | {(saturated == 0 ? "none" : $"{(double)saturated / all:0.0000%}")} |";
    }

    static Session Stage(Model model, string input, SaturatedLayer[] done, string[] outputs)
    {
        var stage = model.Clone();
        stage.Graph.SetInputs(done.Select(layer => layer.Output).Prepend(input).ToDictionary(name => name, _ => DataType.Float));
        return TensorTap.Open(stage, outputs, 0);
    }

    static int[] Classes(ReadOnlySpan<float> logits, int samples)
    {
        var classes = new int[samples];
        var count = logits.Length / samples;
        for (var sample = 0; sample < samples; sample++)
            classes[sample] = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(logits.Slice(sample * count, count));
        return classes;
    }
}
