using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;

namespace Compress.Pruning.Forms;

/// <summary>A layer within whose weights something goes.</summary>
/// <param name="Layer">Conv, Gemm or MatMul.</param>
/// <param name="Weight">Its weight, float32.</param>
/// <param name="Asked">The layer's plan.</param>
/// <param name="Settings">What is asked of it.</param>
/// <param name="Position">The rule that asks.</param>
sealed record PrunedLayer(Layer Layer, Tensor Weight, LayerPlan Asked, WeightPruneSettings Settings, SourcePosition Position);
