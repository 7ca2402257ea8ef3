// Classifies images of clothing with the models that the build compressed.
using System.IO.Compression;
using Microsoft.ML.OnnxRuntime;

string[] classes = ["T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"];
var images = Read("data/test-images.idx3-ubyte.gz", header: 16);
var labels = Read("data/test-labels.idx1-ubyte.gz", header: 8);

foreach (var path in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "models"), "*.onnx").Order())
{
    using var session = new InferenceSession(path);
    using var options = new RunOptions();
    var right = 0;
    for (var i = 0; i < labels.Length; i++)
    {
        var pixels = Array.ConvertAll(images[(i * 784)..((i + 1) * 784)], pixel => (pixel / 255f - 0.2860f) / 0.3530f);
        using var input = OrtValue.CreateTensorValueFromMemory(pixels, [1, 1, 28, 28]);
        using var outputs = session.Run(options, ["input"], [input], ["logits"]);
        var logits = outputs[0].GetTensorDataAsSpan<float>();
        var guess = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(logits);
        right += guess == labels[i] ? 1 : 0;
        if (i < 3)
            Console.WriteLine($"{Path.GetFileName(path)}: image {i} is a {classes[guess]} ({(guess == labels[i] ? "right" : $"really a {classes[labels[i]]}")})");
    }

    Console.WriteLine($"{Path.GetFileName(path)}: {new FileInfo(path).Length / 1000} KB, {right} of {labels.Length} images right ({(double)right / labels.Length:P1})");
}

static byte[] Read(string name, int header)
{
    using var stream = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, name)), CompressionMode.Decompress);
    using var buffer = new MemoryStream();
    stream.CopyTo(buffer);
    return buffer.ToArray()[header..];
}
