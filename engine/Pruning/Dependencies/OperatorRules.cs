using Compress.Models;

namespace Compress.Pruning.Dependencies;

/// <summary>What each operator of the standard domain does to channels.</summary>
static class OperatorRules
{
    /// <summary>Gives the outputs their units. False where the operator's effect is not known, and what feeds it must stay.</summary>
    public delegate bool Rule(Trace trace, Node node);

    static readonly Dictionary<string, Rule> Rules = Table(
        (LayerRules.Conv, "Conv"),
        (LayerRules.ConvTranspose, "ConvTranspose"),
        (LayerRules.Gemm, "Gemm"),
        (LayerRules.MatMul, "MatMul"),
        (SelectionRules.Gather, "Gather"),
        (SelectionRules.Concat, "Concat"),
        (SelectionRules.Split, "Split"),
        (SelectionRules.Slice, "Slice"),
        (SelectionRules.Transpose, "Transpose"),
        (SelectionRules.Expand, "Expand"),
        (SelectionRules.Tile, "Tile"),
        (ReshapeRules.Reshape, "Reshape"),
        (ReshapeRules.Follow, "Flatten Squeeze Unsqueeze"),
        (SpatialRules.Pad, "Pad"),
        (SpatialRules.Resize, "Resize Upsample"),
        (SpatialRules.DepthToSpace, "DepthToSpace"),
        (SpatialRules.SpaceToDepth, "SpaceToDepth"),
        (NormalizationRules.PerChannel, "BatchNormalization InstanceNormalization"),
        (NormalizationRules.FromAxis, "Softmax LogSoftmax Hardmax LayerNormalization"),
        (NormalizationRules.AcrossChannels, "LRN"),
        (NormalizationRules.Reduce, "ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare ArgMax ArgMin"),
        (NormalizationRules.Pool, "MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool"),
        (ElementwiseRules.Broadcast, "Add Sub Mul Div Max Min Sum Mean Pow Mod PRelu Where Equal Less LessOrEqual Greater GreaterOrEqual And Or Xor"),
        (ElementwiseRules.Unary, "Relu LeakyRelu ThresholdedRelu Sigmoid Tanh HardSigmoid HardSwish Swish Elu Selu Celu Softplus Softsign Gelu Mish Erf Abs Neg Sign "
            + "Exp Log Sqrt Reciprocal Sin Cos Floor Ceil Round Not IsNaN IsInf Clip Cast Dropout Identity"));

    /// <summary>Operators with weights, which make units even where their inputs have none.</summary>
    public static bool MakesUnits(Node node) => node.Is("Conv", "ConvTranspose", "Gemm", "MatMul", "Gather");

    public static bool Visit(Trace trace, Node node) => node.Domain.Length == 0 && Rules.TryGetValue(node.OpType, out var rule) && rule(trace, node);

    static Dictionary<string, Rule> Table(params ReadOnlySpan<(Rule Rule, string Operators)> rows)
    {
        var table = new Dictionary<string, Rule>();
        foreach (var (rule, operators) in rows)
        {
            foreach (var name in operators.Split(' '))
                table.Add(name, rule);
        }

        return table;
    }
}
