using Compress.Diagnostics;
using Compress.Models;
using Compress.Onnx;
using Compress.Rewriting.Opsets;

namespace Compress.Rewriting;

/// <summary>The calls of a model's local functions.</summary>
sealed class FunctionCalls
{
    /// <summary>Functions that call functions can grow without end; what grows beyond this stays as it is.</summary>
    const int MostNodes = 100_000;

    const int MostDepth = 500;

    readonly Model model;
    readonly Dictionary<(string Domain, string Name, string Overload), FunctionProto> functions = [];
    readonly Dictionary<FunctionProto, long> sizes = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<FunctionProto, string?> refusals = new(ReferenceEqualityComparer.Instance);

    public FunctionCalls(Model model)
    {
        this.model = model;
        foreach (var function in model.Functions)
            functions.TryAdd((Standard(function.Domain), function.Name, function.Overload), function);
        foreach (var function in model.Functions)
            SizeOf(function, 0);
    }

    /// <summary>The functions that are still called, from the graph or from one another.</summary>
    public HashSet<FunctionProto> Kept()
    {
        var kept = new HashSet<FunctionProto>(ReferenceEqualityComparer.Instance);
        foreach (var node in model.Graph.WithBodies().SelectMany(graph => graph.Nodes))
            Keep(node, kept);
        return kept;
    }

    /// <summary>Replaces the calls of functions that can be inlined, in bodies too.</summary>
    /// <returns>The number of calls that were replaced.</returns>
    public int Inline(Graph graph)
    {
        var replaced = 0;
        var waiting = new Stack<Node>(graph.Nodes.Reverse());
        while (waiting.TryPop(out var node))
        {
            if (Callee(node) is not { } function || Refusal(function) is not null)
            {
                replaced += graph.Bodies(node).ToArray().Sum(Inline);
                continue;
            }

            foreach (var (domain, version) in Imports(function))
                model.ImportOpset(domain, version);
            var parts = new FunctionCall(graph, node, function).Parts();
            graph.Replace(node, parts);
            replaced++;
            foreach (var part in parts.Reverse())
                waiting.Push(part);
        }

        return replaced;
    }

    void Keep(Node node, HashSet<FunctionProto> kept)
    {
        if (Callee(node) is not { } function || !kept.Add(function))
            return;
        foreach (var inner in function.Node.SelectMany(Within))
            Keep(inner, kept);
    }

    FunctionProto? Callee(Node node) => functions.GetValueOrDefault((node.Domain, node.OpType, node.Proto.Overload));

    /// <summary>Why a function stays; null where it can be inlined.</summary>
    public string? Refusal(FunctionProto function)
    {
        if (!refusals.TryGetValue(function, out var reason))
            refusals.Add(function, reason = WhyNot(function));
        return reason;
    }

    string? WhyNot(FunctionProto function)
    {
        if (Standard(function.Domain).Length == 0)
            return "it stands in the standard domain, where an operator of the runtime's own may take its place";
        if (sizes[function] > MostNodes)
            return $"it would become more than {MostNodes} nodes";
        foreach (var node in function.Node.SelectMany(Within).Where(node => Callee(node) is null))
        {
            if (model.OpsetOf(node.Domain) is not { } version || Imports(function).FirstOrDefault(set => set.Domain == node.Domain).Version is not (> 0 and var stated) || stated == version)
                continue;
            if (node.Domain.Length > 0 || stated > version || version > OpsetUpgrade.Newest)
                return $"it is written in version {stated} of the operator set '{(node.Domain.Length > 0 ? node.Domain : "ai.onnx")}', and the model in version {version}";
            if (!OperatorHistory.Knows(node.OpType) || Enumerable.Range(stated + 1, version - stated).Any(step => OperatorHistory.AdapterTo(node.OpType, step) is not null))
                return $"{node} in it is written in opset {stated}, and means something else in the model's opset {version}";
        }

        return null;
    }

    /// <summary>The number of nodes that a function becomes.</summary>
    long SizeOf(FunctionProto function, int depth)
    {
        if (sizes.TryGetValue(function, out var known))
            return known >= 0 ? known : throw Codes.InvalidGraph.Fail(model.Path, $"the local function '{function.Domain}.{function.Name}' calls itself");
        if (depth > MostDepth)
            throw Codes.InvalidGraph.Fail(model.Path, $"local functions call each other more than {MostDepth} deep");
        sizes.Add(function, -1);
        var size = 0L;
        foreach (var node in function.Node.SelectMany(Within))
            size = Math.Min(int.MaxValue, size + (Callee(node) is { } inner ? SizeOf(inner, depth + 1) : 1));
        return sizes[function] = size;
    }

    /// <summary>The operator sets that a function uses beside those of functions.</summary>
    IEnumerable<(string Domain, int Version)> Imports(FunctionProto function) => function.OpsetImport
        .Select(set => (Domain: Standard(set.Domain), Version: (int)set.Version))
        .Where(set => functions.Keys.All(key => key.Domain != set.Domain || set.Domain.Length == 0));

    static string Standard(string domain) => domain == "ai.onnx" ? "" : domain;

    static IEnumerable<Node> Within(NodeProto proto)
    {
        var node = new Node(proto);
        return node.Subgraphs().SelectMany(body => body.Node).SelectMany(Within).Prepend(node);
    }
}
