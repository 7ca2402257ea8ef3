using Compress.Onnx;

namespace Compress.Models;

/// <summary>
/// The one surface on which a graph is edited. It owns the index (who makes a tensor, who uses it) and keeps it true
/// through every edit; names that it gives out are unused anywhere in the model. The bodies of If, Loop and Scan are graphs of their
/// own, which see the tensors of the graphs around them; what a body captures counts as used by the node that owns the body.
/// </summary>
public sealed class Graph
{
    readonly GraphProto proto;
    readonly Scratch? scratch;
    readonly List<Node> nodes = [];
    readonly Dictionary<string, Node> producers = [];
    readonly Dictionary<string, List<Node>> consumers = [];
    readonly Dictionary<Node, HashSet<string>> reads = [];
    readonly Dictionary<string, Tensor> initializers = [];
    readonly Dictionary<string, SparseTensorProto> sparse = [];
    readonly Dictionary<string, Tensor> dense = [];
    readonly Dictionary<GraphProto, Graph> bodies = new(ReferenceEqualityComparer.Instance);

    /// <summary>Owners of bodies that were edited since their captures were looked at.</summary>
    readonly HashSet<Node> stale = [];
    readonly HashSet<string> outputs;
    readonly HashSet<string> names;

    /// <param name="proto">The message.</param>
    /// <param name="scratch">Where large new constants are kept; null keeps them in memory.</param>
    internal Graph(GraphProto proto, Scratch? scratch = null)
        : this(proto, scratch, [], null, null)
    {
    }

    Graph(GraphProto proto, Scratch? scratch, HashSet<string> names, Graph? outer, Node? owner)
    {
        (this.proto, this.scratch, this.names, Outer, Owner) = (proto, scratch, names, outer, owner);
        foreach (var tensor in proto.Initializer)
        {
            // Of several with one name the last counts, as it does in ONNX Runtime.
            initializers[tensor.Name] = new Tensor(tensor);
            names.Add(tensor.Name);
        }

        foreach (var value in proto.Input.Concat(proto.Output).Concat(proto.ValueInfo))
            names.Add(value.Name);
        outputs = [.. proto.Output.Select(value => value.Name)];
        foreach (var tensor in proto.SparseInitializer)
        {
            sparse.TryAdd(tensor.Values.Name, tensor);
            names.Add(tensor.Values.Name);
        }

        foreach (var node in proto.Node)
        {
            nodes.Add(new Node(node));
            Link(nodes[^1]);
        }
    }

    /// <summary>The graph around this one; null for that of the model.</summary>
    public Graph? Outer { get; }

    /// <summary>The If, Loop or Scan, a node of the outer graph, whose body this is; null for the graph of the model.</summary>
    public Node? Owner { get; }

    /// <summary>The nodes in topological order.</summary>
    public IReadOnlyList<Node> Nodes => nodes;

    /// <summary>The graph's own constants; those of its bodies and of the graphs around it are not among them.</summary>
    public IReadOnlyCollection<Tensor> Initializers => sparse.Count == 0 ? initializers.Values : [.. initializers.Values, .. sparse.Keys.Select(Own)];

    /// <summary>Grows with every edit, of bodies too, so that what was measured can be known to be out of date.</summary>
    public int Version { get; private set; }

    /// <summary>The inputs that a caller must feed: those that are not initializers as well.</summary>
    public IEnumerable<ValueInfoProto> Inputs => proto.Input.Where(value => !IsStored(value.Name));

    public IReadOnlyList<ValueInfoProto> Outputs => proto.Output;

    public Node? Producer(string tensor) => producers.GetValueOrDefault(tensor);

    /// <summary>The nodes that read a tensor, themselves or in their bodies, each once, in no particular order.</summary>
    public IReadOnlyList<Node> Consumers(string tensor)
    {
        Refresh();
        return consumers.TryGetValue(tensor, out var list) ? list : [];
    }

    /// <summary>The nodes that read a tensor as an input, those in bodies included.</summary>
    public IEnumerable<Node> Readers(string tensor) => Consumers(tensor).SelectMany(node => Bodies(node)
        .Where(body => body.Captured.Contains(tensor)).SelectMany(body => body.Readers(tensor))
        .Concat(node.Inputs.Contains(tensor) ? [node] : []));

    /// <summary>The constant of that name as nodes of this graph see it: its own, or one of a graph around it.</summary>
    public Tensor? Initializer(string name) => HomeOf(name)?.Own(name);

    /// <summary>The graph that stores the constant that nodes of this graph see under a name: this one or one around it; null where there is none.</summary>
    public Graph? HomeOf(string constant)
    {
        if (IsStored(constant))
            return this;
        return Outer is null || IsLocal(constant) ? null : Outer.HomeOf(constant);
    }

    /// <summary>The bodies of an If, Loop or Scan, in the order of their attributes.</summary>
    public IEnumerable<Graph> Bodies(Node node) => node.Subgraphs().Select(body => BodyOf(node, body));

    /// <summary>This graph and every body in it, at any depth.</summary>
    public IEnumerable<Graph> WithBodies() => nodes.SelectMany(Bodies).SelectMany(body => body.WithBodies()).Prepend(this);

    /// <summary>The outer tensors that the graph reads, directly or in bodies within it; none for the graph of a model.</summary>
    public IReadOnlySet<string> Captured
    {
        get
        {
            Refresh();
            return consumers.Where(entry => entry.Value.Count > 0).Select(entry => entry.Key).Concat(outputs).Where(name => !IsLocal(name)).ToHashSet();
        }
    }

    public bool IsOutput(string tensor) => outputs.Contains(tensor);

    /// <summary>Whether the name is that of one of the graph's own tensors, which hides outer ones of that name.</summary>
    public bool IsLocal(string tensor) =>
        IsStored(tensor) || producers.ContainsKey(tensor) || proto.Input.Any(value => value.Name == tensor);

    /// <summary>Whether the tensor is a graph input that callers feed.</summary>
    public bool IsInput(string tensor) => Inputs.Any(value => value.Name == tensor);

    /// <summary>The only consumer of a tensor that is no graph output; null where there is none or more than one.</summary>
    public Node? OnlyConsumer(string tensor) =>
        !IsOutput(tensor) && Consumers(tensor) is [var only] ? only : null;

    /// <summary>A name that nothing in the model bears, made from a stem; it is reserved from now on.</summary>
    public string Fresh(string stem)
    {
        var name = stem;
        for (var i = 1; !names.Add(name); i++)
            name = $"{stem}_{i}";
        return name;
    }

    /// <summary>Adds an initializer.</summary>
    /// <returns>Its name.</returns>
    /// <exception cref="ArgumentException">The name is taken by a node's output or another initializer.</exception>
    public string Add(Tensor tensor)
    {
        if (IsStored(tensor.Name) || producers.ContainsKey(tensor.Name))
            throw new ArgumentException($"'{tensor.Name}' is taken", nameof(tensor));
        names.Add(tensor.Name);
        initializers.Add(tensor.Name, Kept(tensor));
        return tensor.Name;
    }

    /// <summary>Adds an initializer of which only what is not zero is stored.</summary>
    internal void Add(SparseTensorProto tensor)
    {
        if (IsStored(tensor.Values.Name) || producers.ContainsKey(tensor.Values.Name))
            throw new ArgumentException($"'{tensor.Values.Name}' is taken", nameof(tensor));
        names.Add(tensor.Values.Name);
        sparse.Add(tensor.Values.Name, tensor);
        Touch();
    }

    /// <summary>
    /// Gives one input of a node new constant values, under the name of the old ones. Where other uses share the old ones,
    /// they keep them, and the new ones get a fresh name (a fork), as they do where there was no constant.
    /// </summary>
    public Tensor SetConstant(Node node, int index, Tensor values)
    {
        var old = node.Input(index);
        var shared = Consumers(old).Count > 1 || node.Inputs.Count(name => name == old) > 1 || IsOutput(old);
        var tensor = Kept(values.Renamed(shared || !IsStored(old) ? Fresh(values.Name) : old));
        Touch();
        if (tensor.Name == old)
        {
            sparse.Remove(old);
            dense.Remove(old);
            initializers[old] = tensor;
            ForgetInput(old);
            proto.ValueInfo.RemoveWhere(value => value.Name == old);
            return tensor;
        }

        initializers.Add(tensor.Name, tensor);
        SetInput(node, index, tensor.Name);
        return tensor;
    }

    /// <summary>Inserts nodes, in their order, before another node.</summary>
    public void InsertBefore(Node anchor, params ReadOnlySpan<Node> inserted) => Insert(IndexOf(anchor), inserted);

    /// <summary>Inserts nodes, in their order, after another node.</summary>
    public void InsertAfter(Node anchor, params ReadOnlySpan<Node> inserted) => Insert(IndexOf(anchor) + 1, inserted);

    /// <summary>Inserts nodes, in their order, before every other node.</summary>
    public void InsertFirst(params ReadOnlySpan<Node> inserted) => Insert(0, inserted);

    /// <summary>Puts nodes in the place of one; together they must make its outputs.</summary>
    public void Replace(Node old, params ReadOnlySpan<Node> replacement)
    {
        var index = IndexOf(old);
        Remove(old);
        Insert(index, replacement);
    }

    public void Remove(Node node)
    {
        nodes.RemoveAt(IndexOf(node));
        Unlink(node);
    }

    /// <summary>Rewires one input; an index past the end adds inputs, the ones between left out.</summary>
    public void SetInput(Node node, int index, string tensor)
    {
        Unlink(node);
        while (node.Proto.Input.Count <= index)
            node.Proto.Input.Add("");
        node.Proto.Input[index] = tensor;
        Link(node);
    }

    /// <summary>Renames what a node makes. Uses of the old name are not followed.</summary>
    public void SetOutput(Node node, int index, string tensor)
    {
        Unlink(node);
        node.Proto.Output[index] = tensor;
        Link(node);
    }

    /// <summary>
    /// Bypasses a node whose output equals one of its inputs: uses of the output read the input instead, and the node goes.
    /// A graph output keeps its name.
    /// </summary>
    /// <returns>
    /// False where it cannot go: it ties a graph output to a graph input, an initializer, an outer tensor or another graph output, or a body
    /// that reads it has another tensor of the input's name.
    /// </returns>
    public bool Bypass(Node node, string input)
    {
        var output = node.Output();
        if (Hides(output, input))
            return false;
        if (!IsOutput(output))
        {
            Remove(node);
            ReplaceUses(output, input);
            return true;
        }

        if (Producer(input) is not { } producer || IsOutput(input) || CapturedBySubgraph(input))
            return false;
        Remove(node);
        SetOutput(producer, producer.Outputs.Index().First(entry => entry.Item == input).Index, output);
        ReplaceUses(input, output);
        return true;
    }

    /// <summary>Makes every node that reads one tensor read another, the bodies of control flow included.</summary>
    public void ReplaceUses(string old, string replacement)
    {
        foreach (var node in Consumers(old).ToArray())
        {
            Unlink(node);
            for (var i = 0; i < node.Proto.Input.Count; i++)
            {
                if (node.Proto.Input[i] == old)
                    node.Proto.Input[i] = replacement;
            }

            foreach (var body in Bodies(node).Where(body => body.Captured.Contains(old)))
                body.RenameCaptured(old, replacement);
            Link(node);
        }
    }

    /// <summary>Replaces the graph outputs: the tensors to compute. Types are left to the runtime's inference.</summary>
    public void SetOutputs(IEnumerable<string> tensors)
    {
        var kept = proto.Output.DistinctBy(value => value.Name).ToDictionary(value => value.Name);
        var wanted = tensors.Select(name => kept.GetValueOrDefault(name) ?? new ValueInfoProto { Name = name }).ToList();
        proto.Output.Clear();
        proto.Output.AddRange(wanted);
        outputs.Clear();
        outputs.UnionWith(wanted.Select(value => value.Name));
    }

    /// <summary>
    /// Replaces the tensors that callers feed. An inner tensor may be one of them, of unknown size: then whatever makes it goes.
    /// </summary>
    /// <param name="tensors">Names, with the element types of those that are not inputs yet.</param>
    public void SetInputs(IReadOnlyDictionary<string, TensorProto.Types.DataType> tensors)
    {
        proto.Input.RemoveWhere(value => !IsStored(value.Name) && !tensors.ContainsKey(value.Name));
        foreach (var (name, type) in tensors.Where(entry => !IsInput(entry.Key)))
        {
            if (Producer(name) is { } producer)
                Remove(producer);
            proto.ValueInfo.RemoveWhere(value => value.Name == name);
            proto.Input.Add(new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type } } });
        }
    }

    /// <summary>
    /// Makes an initializer out of a graph input's default value only: the input is no longer listed. IR 3 models list every
    /// initializer as an input, which would keep the runtime from treating it as constant.
    /// </summary>
    /// <param name="condition">Which of the initializers that are listed as inputs.</param>
    /// <returns>The number of inputs that were dropped.</returns>
    public int DropInitializerInputs(Predicate<string> condition) =>
        proto.Input.RemoveWhere(value => initializers.ContainsKey(value.Name) && condition(value.Name));

    /// <summary>Makes a node compute fewer outputs; nothing may read those that go.</summary>
    /// <exception cref="InvalidOperationException">An output that would go is read.</exception>
    public void KeepOutputs(Node node, int count)
    {
        for (var i = node.Outputs.Count - 1; i >= count; i--)
        {
            var name = node.Outputs[i];
            if (IsUsed(name))
                throw new InvalidOperationException($"'{name}' of {node} is read");
            Unlink(node);
            node.Proto.Output.RemoveAt(i);
            Link(node);
            proto.ValueInfo.RemoveWhere(value => value.Name == name);
        }
    }

    /// <summary>Whether a node or a caller reads the tensor.</summary>
    public bool IsUsed(string tensor) => tensor.Length > 0 && (IsOutput(tensor) || Consumers(tensor).Count > 0);

    /// <summary>Removes nodes that nothing reads, initializers that nothing reads, and notes about tensors that are gone.</summary>
    /// <returns>The number of nodes that were removed, in bodies too.</returns>
    public int RemoveDead()
    {
        var removed = nodes.SelectMany(Bodies).Sum(body => body.RemoveDead());
        for (var i = nodes.Count - 1; i >= 0; i--)
        {
            var node = nodes[i];
            if (node.Outputs.Any(IsUsed))
                continue;
            Remove(node);
            removed++;
        }

        foreach (var name in initializers.Keys.Where(name => Consumers(name).Count == 0 && !IsOutput(name)).ToArray())
        {
            initializers.Remove(name);
            ForgetInput(name);
        }

        foreach (var name in sparse.Keys.Where(name => Consumers(name).Count == 0 && !IsOutput(name)).ToArray())
        {
            sparse.Remove(name);
            dense.Remove(name);
            ForgetInput(name);
        }

        proto.ValueInfo.RemoveWhere(value => !producers.ContainsKey(value.Name) && !IsStored(value.Name));
        return removed;
    }

    /// <summary>Forgets the recorded shapes of inner tensors, which an edit of channel numbers makes wrong.</summary>
    public void ForgetShapes()
    {
        foreach (var graph in WithBodies())
            graph.proto.ValueInfo.Clear();
    }

    /// <summary>Writes the edits, of bodies too, back into the protobuf message.</summary>
    internal void Flush()
    {
        foreach (var body in nodes.SelectMany(Bodies))
            body.Flush();
        proto.Node.Clear();
        proto.Node.AddRange(nodes.Select(node => node.Proto));
        proto.Initializer.Clear();
        proto.Initializer.AddRange(initializers.Values.Select(tensor => tensor.Proto));
        proto.SparseInitializer.Clear();
        proto.SparseInitializer.AddRange(sparse.Values);
    }

    bool IsStored(string name) => initializers.ContainsKey(name) || sparse.ContainsKey(name);

    /// <summary>One of the graph's own constants; a sparse one is made dense when it is first looked at, and stays sparse in the file.</summary>
    Tensor Own(string name)
    {
        if (initializers.TryGetValue(name, out var tensor) || dense.TryGetValue(name, out tensor))
            return tensor;
        dense.Add(name, tensor = SparseTensors.ToDense(sparse[name]));
        return tensor;
    }

    Tensor Kept(Tensor tensor) => scratch is null || tensor.IsMapped || tensor.Proto.RawData.Length < Scratch.LeastBytes ? tensor : tensor.StoredIn(scratch);

    void Insert(int index, ReadOnlySpan<Node> inserted)
    {
        foreach (var node in inserted)
        {
            nodes.Insert(index++, node);
            Link(node);
        }
    }

    int IndexOf(Node node)
    {
        var index = nodes.IndexOf(node);
        return index >= 0 ? index : throw new ArgumentException($"{node} is not part of the graph", nameof(node));
    }

    void Link(Node node)
    {
        Touch();
        foreach (var output in node.Outputs)
        {
            if (output.Length == 0)
                continue;
            producers[output] = node;
            names.Add(output);
        }

        names.Add(node.Name);
        LinkInputs(node);
    }

    void Unlink(Node node)
    {
        Touch();
        foreach (var output in node.Outputs)
        {
            if (producers.GetValueOrDefault(output) == node)
                producers.Remove(output);
        }

        UnlinkInputs(node);
    }

    void LinkInputs(Node node)
    {
        var read = node.Inputs.Where(name => name.Length > 0).Concat(Bodies(node).SelectMany(body => body.Captured)).ToHashSet();
        reads[node] = read;
        foreach (var input in read)
        {
            if (!consumers.TryGetValue(input, out var list))
                consumers.Add(input, list = []);
            list.Add(node);
        }
    }

    void UnlinkInputs(Node node)
    {
        stale.Remove(node);
        reads.Remove(node, out var read);
        foreach (var input in read ?? [])
            consumers[input].Remove(node);
    }

    /// <summary>Notes an edit; the graph around this one looks again at what is captured when it is next asked.</summary>
    void Touch()
    {
        Version++;
        if (Outer is null)
            return;
        if (Outer.reads.ContainsKey(Owner!))
            Outer.stale.Add(Owner!);
        Outer.Touch();
    }

    void Refresh()
    {
        foreach (var node in stale.ToArray())
        {
            UnlinkInputs(node);
            LinkInputs(node);
        }
    }

    Graph BodyOf(Node owner, GraphProto body)
    {
        if (!bodies.TryGetValue(body, out var graph))
            bodies.Add(body, graph = new Graph(body, scratch, names, this, owner));
        return graph;
    }

    /// <summary>Makes a body that captures an outer tensor read another one.</summary>
    void RenameCaptured(string old, string replacement)
    {
        ReplaceUses(old, replacement);
        foreach (var output in proto.Output.Where(output => output.Name == old))
            output.Name = replacement;
        if (outputs.Remove(old))
            outputs.Add(replacement);
        Touch();
    }

    /// <summary>Whether a body that captures one tensor has a tensor of its own under another name.</summary>
    bool Hides(string captured, string name) => Consumers(captured).SelectMany(Bodies)
        .Any(body => body.Captured.Contains(captured) && (body.IsLocal(name) || body.Hides(captured, name)));

    bool CapturedBySubgraph(string tensor) => Consumers(tensor).SelectMany(Bodies).Any(body => body.Captured.Contains(tensor));

    /// <summary>A body keeps its inputs: the node that owns it counts them.</summary>
    void ForgetInput(string name)
    {
        if (Outer is null)
            proto.Input.RemoveWhere(value => value.Name == name);
    }
}
