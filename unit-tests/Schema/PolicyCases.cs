namespace Compress.UnitTests.Schema;

/// <summary>Policies, each a mistake or a form of its own, for the parser and the schema to agree on.</summary>
public static class PolicyCases
{
    public static TheoryData<string> Good => Policies(
        [
            "model: a.onnx", "model: 5", "layers: []", "data: {}", "gates: {}", "output: \"a b.onnx\"",
        ],
        [
            "idx: a", "npz: a", "npy: a, input: x", "npz: a, labels: b", "random: true", "random: true, take: 4", "random: 16, seed: 3",
            "random: 2, shapes: { x: [1, 3, 8, 8] }", "idx: a, labels: b, scale: 1/255, mean: 0.2860, std: 35.3%, skip: 1, take: 2, shuffle: true, seed: 0",
            "npz: a, mean: [0.1, -50%, 1/3], std: [1, 2e-3, 5/2]", "idx: 7",
        ],
        [
            "prune: 40%", "prune: 0.4", "prune: 2/5", "prune: 0", "prune: \"40%\"", "prune: 99.9%", "prune: none", "prune: .5",
            "prune: { filters: 30%, by: l2, round-to: 8, keep-at-least: 4, reconstruct: false }",
            "prune: { kernel: 2x3 }", "prune: { kernel: [2, 3], by: random }", "prune: { kernel: 2 }", "prune: { pattern: 5, reconstruct: true }",
            "prune: { weights: 80%, scope: global, by: l2 }", "prune: { vectors: 0.5, scope: layer }", "prune: { kernels: 1/2 }", "prune: { n-m: 2:4 }",
            "prune: { n-m: '1:16' }", "prune: { filters: 30%, weights: 80%, round-to: 8, scope: global }", "prune: { filters: 0, pattern: 4 }",
            "prune: { filters: 30%, by: bn-gamma, scope: global }", "prune: { channels: 1/2, by: lasso, round-to: 8 }", "prune: { channels: 30% }",
            "tucker: 32", "tucker: 0.5", "tucker: 100%", "tucker: 1.0", "tucker: none", "tucker: { rank: [16, 32] }", "tucker: { rank: 3, round-to: 8 }",
            "tucker: { speedup: 2 }", "tucker: { speedup: 150% }", "tucker: { speedup: 3/2 }", "svd: 8", "svd: { energy: 95% }", "svd: { energy: 1 }",
            "svd: { ratio: 1/3 }", "tucker: auto", "svd: { rank: auto }", "tucker: { error: 1%, data-aware: true }", "svd: { rank: 8, data-aware: false }", "svd: { rank: 8 }", "svd: { rank: 8, axis: spatial }", "cp: 8", "cp: none", "cp: { rank: 3, data-aware: false }", "cp: { speedup: 2, round-to: 1 }", "cp: { error: 5% }", "cluster: 256", "cluster: none", "cluster: { bits: 5, init: k-means++ }", "cluster: { centroids: 12, groups: 4 }", "quantize: int8", "quantize: none", "quantize: {}", "quantize: 'int8'",
            "quantize: { as: int8, per: tensor, symmetric: True, calibrate: percentile }", "quantize: { calibrate: { percentile: 99.99 } }", "quantize: { calibrate: entropy }", "quantize: { calibrate: mse }",
            "quantize: { calibrate: { percentile: 99.99% } }", "quantize: { activations: none }", "quantize: { as: int8, activations: none, per: tensor }", "quantize: { activations: int8, calibrate: minmax }",
            "quantize: int16", "quantize: int4", "quantize: { as: int4, block: 64, symmetric: true, by: gptq, form: standard }", "quantize: binary", "quantize: { as: binary, per: tensor }", "quantize: { as: int16, calibrate: entropy, repair: none, profile: qnn }", "quantize: { profile: ort-cpu, target-cpu: arm }", "quantize: { profile: tensorrt, symmetric: true }", "quantize: { profile: openvino }",
            "quantize: { repair: [equalization] }", "quantize: { repair: { steps: [bias-correction, fallback], error: 5%, budget: 0.3 } }", "quantize: { repair: { budget: 0 } }", "quantize: fp16", "quantize: bf16", "quantize: { as: bf16 }", "quantize: { as: fp16, activations: none }", "quantize: { as: fp16, activations: fp16 }", "quantize: dynamic", "quantize: { as: dynamic }", "quantize: { as: dynamic, per: tensor, target-cpu: vnni }",
            "prune: 10%, tucker: none, svd: 4, quantize: int8",
        ],
        [
            "\"*\"", "/layer2/*/Conv", "12", "{ name: a, op: Conv }", "{ kernel: 3x3 }", "{ kernel: [3, 3] }", "{ kernel: 3 }", "{ kernel: 1x3x3 }",
            "{ group: 2, depthwise: false }", "{ index: -1 }", "{ min-parameters: 0, max-parameters: 10 }", "{ not: a }", "{ op: Conv, not: { depthwise: true } }",
            "{ not: [a, { op: Gemm }] }", "[a, { op: Gemm }]",
        ],
        [
            "top1: { max-drop: 1% }", "top5: { min: 0.9, confidence: 95% }", "agreement: { min: 1, max-drop: 0 }", "cosine: { min: -1, max-drop: 2 }",
            "mse: { max: 1e-3, confidence: 0.9 }", "mse: { max: 0 }", "size: { max: 35% }", "download-size: { max: 10% }", "macs: { max: 10 }", "parameters: { max: 1/3 }",
            "latency: { max: 120%, batch: 8, threads: 1 }",
        ]);

    public static TheoryData<string> Bad => Policies(
        [
            "version: 2", "modle: a", "model:", "model: [a]", "model: ''", "model: \"a\\tb\"", "layers: {}", "layers: [a]", "data: []", "gates: 5",
            "distill: {}", "fine-tune: {}",
        ],
        [
            "", "take: 4", "idx: a, npz: b", "csv: a", "images: a", "random: false", "random: 0", "random: yes", "random: 4, take: 4", "random: 4, labels: a",
            "random: 4, mean: 1", "random: 4, shuffle: true", "npz: a, input: x", "idx: a, shapes: { x: [1] }", "random: 1, shapes: { x: 5 }",
            "random: 1, shapes: { x: [] }", "random: 1, shapes: { x: [0] }", "idx: a, scale: 0", "idx: a, scale: 0%", "idx: a, scale: 0/5", "idx: a, scale: 1/0",
            "idx: a, scale: -1", "idx: a, std: 0", "idx: a, std: [1, 0]", "idx: a, mean: []", "idx: a, mean: x", "idx: a, mean: \"1\"", "idx: a, skip: -1",
            "idx: a, take: 0", "idx: a, take: 1.5", "idx: a, take: 50%", "idx: a, shuffle: 1", "idx: a, seed: -1", "idx: a, resize: 3",
        ],
        [
            "prune: 100%", "prune: 1", "prune: 40", "prune: -1%", "prune: \"0.4\"", "prune: 40 %", "prune: many", "prune:", "prune: true", "prune: {}", "prune: [1]",
            "prune: { filters: 1 }", "prune: { by: l1 }", "prune: { filters: 30%, by: l3 }", "prune: { filters: 30%, round-to: 0 }",
            "prune: { filters: 30%, reconstruct: 1 }", "prune: { kernel: 0x3 }", "prune: { kernel: [] }", "prune: { pattern: 0 }",
            "prune: { pattern: 50% }", "prune: { weights: 1 }", "prune: { vectors: -1% }", "prune: { kernels: 100% }", "prune: { n-m: 4 }", "prune: { n-m: 0:4 }",
            "prune: { n-m: 2:4:8 }", "prune: { weights: 80%, pattern: 5 }", "prune: { kernel: 2x3, n-m: 2:4 }", "prune: { vectors: 1%, kernels: 1% }", "prune: { pattern: 5, scope: global }",
            "prune: { scope: global }", "prune: { weights: 80%, keep-at-least: 8 }", "prune: { weights: 80%, scope: model }", "prune: 2:4",
            "prune: { channels: 30%, scope: global }", "prune: { channels: 30%, by: fpgm }", "prune: { filters: 30%, by: lasso }", "prune: { filters: 30%, by: taylor }",
            "prune: { channels: 30%, filters: 30% }", "prune: { channels: 30%, weights: 80% }", "prune: { weights: 80%, by: fpgm }",
            "tucker: 0", "tucker: 0%", "tucker: 1.5", "tucker: 101%", "tucker: [16, 32]",
            "tucker: { rank: [1, 2, 3] }", "tucker: { rank: 0 }", "tucker: automatic", "tucker: { rank: 2, energy: 95% }", "tucker: { speedup: 1 }",
            "tucker: { speedup: 100% }", "tucker: { round-to: 8 }", "tucker: { error: 0 }", "svd: { error: 1 }", "svd: { error: 1%, rank: 2 }", "tucker: { error: 1%, data-aware: false }", "svd: { rank: [1, 2] }", "svd: { energy: 0 }", "svd: { ratio: 2 }",
            "svd: { axis: spatial }", "svd: { rank: 8, axis: 1 }", "tucker: { rank: 8, axis: spatial }", "cp: 0.5", "cp: auto", "cp: {}", "cp: { ratio: 0.5 }", "cp: { rank: 3, speedup: 2 }", "quantize: int2", "quantize:", "quantize: 8", "quantize: { as: none }", "quantize: { per: group }",
            "quantize: { calibrate: kl }", "quantize: { calibrate: {} }", "quantize: { calibrate: { percentile: 0.9999 } }",
            "quantize: { calibrate: { percentile: 101% } }", "quantize: { block: 32 }", "quantize: { activations: fp16 }", "quantize: { activations: none, symmetric: true }",
            "quantize: { activations: none, calibrate: minmax }", "cluster: 1", "cluster: 257", "cluster: 50%", "cluster: {}", "cluster: { bits: 9 }", "cluster: { bits: 5, centroids: 32 }", "cluster: { centroids: 8, init: random }", "cluster: { bits: 4, groups: 0 }", "quantize: { as: fp16, activations: int8 }", "quantize: { as: bf16, activations: none }", "quantize: { as: fp16, per: channel }", "quantize: { as: bf16, target-cpu: arm }", "quantize: { as: dynamic, activations: int8 }", "quantize: { as: dynamic, symmetric: true }",
            "quantize: { as: dynamic, calibrate: minmax }", "quantize: { as: dynamic, repair: none }", "quantize: { repair: [] }", "quantize: { repair: [adaround] }", "quantize: { repair: [fallback, fallback] }",
            "quantize: { repair: {} }", "quantize: { repair: { budget: 2 } }", "quantize: { repair: { steps: fallback } }", "quantize: { profile: cuda }", "quantize: { profile: qnn, target-cpu: vnni }",
            "quantize: { profile: tensorrt, symmetric: false }", "quantize: { as: int16, target-cpu: vnni }", "quantize: { as: int16, activations: none }", "quantize: { as: fp16, profile: qnn }",
            "quantize: { activations: none, profile: qnn }", "quantize: { as: int4, block: 48 }", "quantize: { as: int4, per: channel }", "quantize: { as: int4, by: awq }", "quantize: { as: int4, form: own }",
            "quantize: { as: int4, activations: none }", "quantize: { as: binary, block: 32 }", "quantize: { as: binary, symmetric: true }", "quantize: { as: dynamic, by: mse }", "quantise: int8",
        ],
        [
            "", "''", "[]", "{}", "[[a]]", "{ nme: a }", "{ kernel: 3y3 }", "{ kernel: 0x3 }", "{ kernel: [] }", "{ kernel: 3x3x3x3 }", "{ kernel: 0 }", "{ group: 0 }",
            "{ depthwise: 1 }", "{ index: last }", "{ index: 1.5 }", "{ min-parameters: -1 }", "{ not: {} }", "{ not: [] }", "{ op: [Conv] }", "[a, {}]",
        ],
        [
            "top1: 1%", "top1: {}", "top1: { confidence: 95% }", "top1: { max-drop: 2 }", "top1: { max-drop: 101% }", "top1: { min: -1 }", "top1: { min: 90 }",
            "top1: { max: 1 }", "top1: { max-drop: 1%, confidence: 100% }", "top1: { max-drop: 1%, confidence: 0 }", "top1: { expect: 91% }",
            "cosine: { min: 1.1 }", "cosine: { max-drop: -1% }", "mse: { max: -1 }", "mse: { min: 0 }", "size: 35%", "size: { max: 35 }", "size: { max: 0% }",
            "size: { max: 1001% }", "size: { max: 30%, batch: 1 }", "latency: { max: 70%, batch: 0 }", "latency: { batch: 1 }", "top2: { min: 1 }",
        ]);

    static TheoryData<string> Policies(string[] lines, string[] sources, string[] techniques, string[] matches, string[] gates) =>
    [
        .. lines.Select(line => line.StartsWith("version", StringComparison.Ordinal) ? line : $"version: 1\n{line}\n"),
        .. sources.Select(source => $"version: 1\ndata:\n  calibration: {{ {source} }}\n"),
        .. techniques.Select(technique => $"version: 1\nlayers:\n  - {{ match: \"*\", {technique} }}\n"),
        .. matches.Select(match => $"version: 1\nlayers:\n  - match: {match}\n    quantize: int8\n"),
        .. gates.Select(gate => $"version: 1\ngates: {{ {gate} }}\n"),
    ];
}
