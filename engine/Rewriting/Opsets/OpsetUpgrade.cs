using Compress.Models;
using Compress.Onnx;

namespace Compress.Rewriting.Opsets;

/// <summary>
/// Writes a model in a newer version of the standard operator set, with the same outputs: version by version, each node through
/// the adapters of <see cref="OperatorHistory"/>. An operator that cannot follow keeps the whole model where it is.
/// </summary>
public static class OpsetUpgrade
{
    /// <summary>The newest opset that there are adapters for.</summary>
    public const int Newest = 21;

    const int FirstIrThatFeedsInitializers = 4;

    /// <summary>Upgrades the model in place, to exactly the opset that is asked for; a model that has it, or a later one, stays as it is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The target is above <see cref="Newest"/>.</exception>
    public static OpsetUpgradeResult Run(Model model, int target)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(target, Newest);
        var from = model.Opset;
        if (from >= target)
            return new OpsetUpgradeResult(from, from, []);

        // A copy goes first, so that a refusal finds the model untouched.
        var facts = new TensorFacts(model);
        var refusals = Upgrade(model.Clone(), target, facts);
        if (refusals.Count > 0)
            return new OpsetUpgradeResult(from, from, refusals);
        Upgrade(model, target, facts);
        return new OpsetUpgradeResult(from, target, []);
    }

    static List<OpsetRefusal> Upgrade(Model model, int target, TensorFacts facts)
    {
        var refusals = new List<OpsetRefusal>();
        foreach (var function in model.Functions)
            UpgradeFunction(function, target, refusals);
        UpgradeGraph(model.Graph, model.Opset, target, facts, refusals);
        model.StateOpset(target);

        // Up to IR 3 initializers are listed as inputs and yet constant; from IR 4 on what is listed may be fed, and is not optimized.
        if (model.IrVersion < FirstIrThatFeedsInitializers)
            model.Graph.DropInitializerInputs(_ => true);
        model.RaiseIrVersion(IrVersionOf(target));
        return refusals;
    }

    static void UpgradeGraph(Graph graph, int from, int target, TensorFacts facts, List<OpsetRefusal> refusals)
    {
        foreach (var node in graph.Nodes)
        {
            if (node.Domain.Length == 0 && !OperatorHistory.Knows(node.OpType))
                refusals.Add(Unknown(node, from));
            foreach (var body in graph.Bodies(node))
                UpgradeGraph(body, from, target, facts, refusals);
        }

        var refused = new HashSet<Node>();
        for (var version = from + 1; version <= target; version++)
        {
            // What an adapter adds is a node of this version, and goes on from here.
            foreach (var node in graph.Nodes.Where(node => node.Domain.Length == 0 && !refused.Contains(node)).ToArray())
            {
                if (OperatorHistory.AdapterTo(node.OpType, version)?.Invoke(new OpsetEdit(graph, node, target, facts)) is not { } reason)
                    continue;
                refusals.Add(new OpsetRefusal(node.OpType, node.DisplayName, version, reason));
                refused.Add(node);
            }
        }
    }

    /// <summary>
    /// A local function states its opsets itself, and has neither initializers nor always the values of its attributes: it follows
    /// where none of its nodes has to be written anew.
    /// </summary>
    static void UpgradeFunction(FunctionProto function, int target, List<OpsetRefusal> refusals)
    {
        if (function.OpsetImport.FirstOrDefault(set => set.Domain is "" or "ai.onnx") is not { } stated)
            return;
        foreach (var node in function.Node.Select(proto => new Node(proto)).SelectMany(Within).Where(node => node.Domain.Length == 0))
        {
            if (!OperatorHistory.Knows(node.OpType))
                refusals.Add(Unknown(node, (int)stated.Version));
            for (var version = (int)stated.Version + 1; version <= target; version++)
            {
                if (OperatorHistory.AdapterTo(node.OpType, version) is null)
                    continue;
                refusals.Add(new OpsetRefusal(node.OpType, node.DisplayName, version, $"it stands in the local function '{function.Name}', where it is not written anew"));
                break;
            }
        }

        stated.Version = Math.Max(stated.Version, target);
    }

    static OpsetRefusal Unknown(Node node, int from) => new(node.OpType, node.DisplayName, from + 1, "it is no operator of a standard opset up to 21");

    static IEnumerable<Node> Within(Node node) =>
        node.Subgraphs().SelectMany(body => body.Node).SelectMany(inner => Within(new Node(inner))).Prepend(node);

    /// <summary>The IR version that came with an opset.</summary>
    static int IrVersionOf(int opset) => opset switch
    {
        <= 9 => FirstIrThatFeedsInitializers, // 3 up to opset 8, where every initializer must be listed as an input; those that adapters add are not
        10 => 5,
        11 => 6,
        <= 14 => 7,
        <= 18 => 8,
        <= 20 => 9,
        _ => 10,
    };
}
