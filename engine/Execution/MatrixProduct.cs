using Compress.Data;
using Compress.Models;
using Compress.Onnx;

namespace Compress.Execution;

/// <summary>Large float32 matrix products, done by ONNX Runtime. Matrices are row by row.</summary>
public sealed class MatrixProduct(int threads) : IDisposable
{
    readonly Dictionary<(bool, bool), Session> sessions = [];

    /// <summary>A·B, where either may be transposed first.</summary>
    /// <param name="a">The left matrix.</param>
    /// <param name="rowsA">Its rows, as it is stored.</param>
    /// <param name="b">The right matrix.</param>
    /// <param name="rowsB">Its rows, as it is stored.</param>
    /// <param name="transposeA">Multiplies with the left matrix transposed.</param>
    /// <param name="transposeB">Multiplies with the right matrix transposed.</param>
    public float[] Of(float[] a, int rowsA, float[] b, int rowsB, bool transposeA = false, bool transposeB = false)
    {
        if (!sessions.TryGetValue((transposeA, transposeB), out var session))
            sessions.Add((transposeA, transposeB), session = Open(transposeA, transposeB));
        using var result = session.Run(new Dictionary<string, DataTensor>
        {
            ["a"] = DataTensor.Of(a, rowsA, a.Length / rowsA),
            ["b"] = DataTensor.Of(b, rowsB, b.Length / rowsB),
        });
        return result.Floats("y").ToArray();
    }

    public void Dispose()
    {
        foreach (var session in sessions.Values)
            session.Dispose();
    }

    Session Open(bool transposeA, bool transposeB)
    {
        var proto = new ModelProto { IrVersion = 8, Graph = new GraphProto { Name = "product" } };
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 13 });
        foreach (var name in (string[])["a", "b"])
            proto.Graph.Input.Add(Matrix(name));
        proto.Graph.Output.Add(Matrix("y"));
        proto.Graph.Node.Add(Node.Create("Gemm", "product", ["a", "b"], ["y"]).With("transA", transposeA ? 1 : 0).With("transB", transposeB ? 1 : 0).Proto);
        return Session.Open(Model.Of(proto, "product"), new SessionSettings(threads, Optimize: false));
    }

    static ValueInfoProto Matrix(string name)
    {
        var type = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = new TensorShapeProto() };
        type.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = name + "_rows" });
        type.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = name + "_columns" });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = type } };
    }
}
