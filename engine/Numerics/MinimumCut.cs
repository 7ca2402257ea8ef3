namespace Compress.Numerics;

/// <summary>
/// The cheapest way to cut a directed graph so that nothing flows from its source to its sink, by augmenting shortest paths (Edmonds and
/// Karp 1972). Made for small capacities: each of at most as many steps as the cut costs looks at every edge once.
/// </summary>
sealed class MinimumCut
{
    public const int Source = 0;
    public const int Sink = 1;

    /// <summary>The capacity of an edge that is never cut.</summary>
    public const int Never = int.MaxValue / 4;

    readonly List<List<int>> edges = [[], []];
    readonly List<int> heads = [];
    readonly List<int> capacities = [];

    /// <summary>Adds a vertex.</summary>
    /// <returns>Its number.</returns>
    public int Vertex()
    {
        edges.Add([]);
        return edges.Count - 1;
    }

    /// <summary>Adds an edge, which costs its capacity where the cut leaves its tail with the source and its head with the sink.</summary>
    public void Edge(int tail, int head, int capacity)
    {
        Add(tail, head, capacity);
        Add(head, tail, 0);
    }

    /// <summary>Of the cheapest cuts the one that leaves most vertices with the source.</summary>
    /// <returns>For each vertex whether it goes with the sink.</returns>
    public bool[] SinkSide()
    {
        while (ShortestPath() is { } path)
        {
            var flow = path.Min(edge => capacities[edge]);
            foreach (var edge in path)
            {
                capacities[edge] -= flow;
                capacities[edge ^ 1] += flow;
            }
        }

        // What still reaches the sink cannot be parted from it for less.
        var reaches = new bool[edges.Count];
        var queue = new Queue<int>([Sink]);
        reaches[Sink] = true;
        while (queue.TryDequeue(out var vertex))
        {
            foreach (var edge in edges[vertex].Where(edge => capacities[edge ^ 1] > 0 && !reaches[heads[edge]]))
            {
                reaches[heads[edge]] = true;
                queue.Enqueue(heads[edge]);
            }
        }

        return reaches;
    }

    /// <summary>The edges of a path that can take more; null where there is none left.</summary>
    List<int>? ShortestPath()
    {
        var by = new int[edges.Count];
        Array.Fill(by, -1);
        var queue = new Queue<int>([Source]);
        while (by[Sink] < 0 && queue.TryDequeue(out var vertex))
        {
            foreach (var edge in edges[vertex])
            {
                if (capacities[edge] == 0 || by[heads[edge]] >= 0 || heads[edge] == Source)
                    continue;
                by[heads[edge]] = edge;
                queue.Enqueue(heads[edge]);
            }
        }

        if (by[Sink] < 0)
            return null;
        var path = new List<int>();
        for (var vertex = Sink; vertex != Source; vertex = heads[by[vertex] ^ 1])
            path.Add(by[vertex]);
        return path;
    }

    void Add(int tail, int head, int capacity)
    {
        edges[tail].Add(heads.Count);
        heads.Add(head);
        capacities.Add(capacity);
    }
}
