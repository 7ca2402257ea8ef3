using Compress.Diagnostics;
using Compress.Reporting;

namespace Compress;

/// <summary>What <c>inspect</c> tells of a model.</summary>
/// <param name="Model">The model in numbers.</param>
/// <param name="Opset">Version of the standard operator set.</param>
/// <param name="IrVersion">Version of the file format.</param>
/// <param name="Inputs">Inputs as text, e.g. <c>'input' float[batch,1,28,28]</c>.</param>
/// <param name="Outputs">Names of the outputs.</param>
/// <param name="Layers">The layers in the graph's order.</param>
/// <param name="Groups">Channels that can only go together, in the order of the layers that make them.</param>
/// <param name="Diagnostics">Warnings, e.g. that sizes could not be measured.</param>
public sealed record Inspection(
    ModelSummary Model, int Opset, long IrVersion, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs,
    IReadOnlyList<LayerInfo> Layers, IReadOnlyList<GroupInfo> Groups, IReadOnlyList<Diagnostic> Diagnostics);

/// <summary>One layer of a model.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Op">Its operator.</param>
/// <param name="Weight">Shape and type of the weight, e.g. <c>64x32x3x3 float32</c>.</param>
/// <param name="Output">Sizes of the output for one sample, e.g. <c>1x64x14x14</c>; null where not known.</param>
/// <param name="Parameters">Weights and biases.</param>
/// <param name="Macs">Multiply-accumulates for one sample; null where not known.</param>
/// <param name="Techniques">What can be done to it, as policy keys: <c>prune</c>, <c>tucker</c>, <c>svd</c>, <c>quantize</c>.</param>
public sealed record LayerInfo(
    string Name, string Op, string Weight, string? Output, long Parameters, long? Macs, IReadOnlyList<string> Techniques);

/// <summary>Channels that are made by the same layers, as pruning sees them.</summary>
/// <param name="Channels">How many there are.</param>
/// <param name="Width">Filters of a layer in each channel: more than 1 where e.g. an attention head can only go as a whole.</param>
/// <param name="MadeBy">Names of the layers whose filters they are.</param>
/// <param name="CoupledBy">Names of the nodes that make filters one channel that else could go apart.</param>
/// <param name="ReadBy">Names of the layers that read them.</param>
/// <param name="Along">Names of other nodes with constants or written sizes that go along.</param>
/// <param name="PinnedBy">What keeps them as they are; null where they can be pruned.</param>
public sealed record GroupInfo(
    int Channels, int Width, IReadOnlyList<string> MadeBy, IReadOnlyList<string> CoupledBy, IReadOnlyList<string> ReadBy, IReadOnlyList<string> Along, string? PinnedBy);

/// <summary>What <c>check</c> tells of a policy.</summary>
/// <param name="Rules">The rules in the file's order, with the layers that each matches.</param>
/// <param name="Layers">Each layer with what is asked of it once every rule was applied.</param>
/// <param name="Diagnostics">Warnings, and errors that a run would end with.</param>
/// <param name="InputFiles">Absolute paths of every file that a run would read.</param>
public sealed record PolicyCheck(
    IReadOnlyList<CheckedRule> Rules, IReadOnlyList<CheckedLayer> Layers, IReadOnlyList<Diagnostic> Diagnostics, IReadOnlyList<string> InputFiles);

/// <summary>A rule and the names of the layers that it matches.</summary>
public sealed record CheckedRule(int Line, string Match, IReadOnlyList<string> Layers);

/// <summary>A layer and what is asked of it, one phrase for each technique, e.g. <c>prune filters 30% by l1</c>.</summary>
public sealed record CheckedLayer(string Name, string Op, IReadOnlyList<string> Asked);
