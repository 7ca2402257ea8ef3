using System.Numerics.Tensors;
using Compress.Numerics;

namespace Compress.Factorization;

/// <summary>
/// CP by alternating least squares (Carroll and Chang 1970; Harshman 1970): each factor in turn is the least-squares solution given the
/// others. A ridge keeps terms from growing against each other without bound, which the best approximation of a rank may want (de Silva and
/// Lim 2008); it fades as the iteration settles. Several random starts run for a while, and the best of them goes on.
/// </summary>
sealed class CpAlternation
{
    public const int Starts = 3;
    public const int RoundsOfStart = 4;
    public const int MaxRounds = 30;
    public const double LeastGain = 5e-4;

    /// <summary>The ridge relative to the mean of the diagonal: in the first round, and at last.</summary>
    const float FirstRidge = 1e-2f;

    const float LastRidge = 1e-6f;
    /// <summary>Below this, the ridge no longer holds the iteration up.</summary>
    const float SettledRidge = 1e-4f;

    const float RidgeDecay = 0.5f;

    readonly int outputs;
    readonly int inputs;
    readonly int height;
    readonly int width;
    readonly double squaredNorm;

    /// <summary>Rows for each output and position, along the inputs; and for each input and position, along the outputs.</summary>
    readonly (FloatMatrix AlongInputs, FloatMatrix AlongOutputs) unfolded;

    /// <param name="kernel">The kernel.</param>
    /// <param name="height">K_h.</param>
    /// <param name="width">K_w, with K_h·K_w the kernel's positions.</param>
    public CpAlternation(KernelTensor kernel, int height, int width)
    {
        (outputs, inputs, this.height, this.width) = (kernel.Outputs, kernel.Inputs, height, width);
        squaredNorm = kernel.SquaredNorm;
        unfolded = (Rows(kernel, inputs), Rows(kernel.Swapped(), outputs));

        static FloatMatrix Rows(KernelTensor kernel, int columns)
        {
            var values = kernel.Unfold(Mode.Output).ToFloats();
            return new FloatMatrix(values.Length / columns, columns, values);
        }
    }

    /// <summary>The decomposition of a rank.</summary>
    /// <param name="rank">R.</param>
    /// <param name="seed">Of the random starts.</param>
    /// <param name="cancellation">Stops between rounds.</param>
    public CpDecomposition Run(int rank, int seed, CancellationToken cancellation = default)
    {
        var best = Enumerable.Range(0, Starts).Select(start =>
        {
            var random = new Random(seed + start);
            var from = new State([Normal(random, rank, outputs), Normal(random, rank, inputs), Normal(random, rank, height), Normal(random, rank, width)], FirstRidge, 1);
            for (var round = 0; round < RoundsOfStart; round++)
                from = Improve(from, cancellation);
            return from;
        }).MinBy(state => state.Error)!;
        var state = best;
        for (var round = RoundsOfStart; round < MaxRounds && state.Error > 0; round++)
        {
            var last = state;
            state = Improve(state, cancellation);
            best = state.Error < best.Error ? state : best;
            if (last.Error - state.Error < LeastGain && state.Ridge <= SettledRidge)
                break;
        }

        return new CpDecomposition(best.Factors[0], best.Factors[1], best.Factors[2], best.Factors[3], best.Error);
    }

    /// <param name="Factors">A, B, C and D, each with R rows.</param>
    /// <param name="Ridge">That of the next round.</param>
    /// <param name="Error">‖W − Ŵ‖ / ‖W‖.</param>
    sealed record State(FloatMatrix[] Factors, float Ridge, double Error);

    State Improve(State from, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var factors = from.Factors.ToArray();
        var rank = factors[0].Rows;

        // W x_in B: for each output and position a number for every r.
        var projected = new FloatMatrix(unfolded.AlongInputs.Rows, rank);
        FloatProduct.AddTimesTransposed(unfolded.AlongInputs, factors[1], projected);
        factors[0] = Solve(factors, 0, OverPositions(projected, outputs, Positions(factors)), from.Ridge);
        var sums = OverChannels(projected, factors[0]);
        factors[2] = Solve(factors, 2, AlongAxis(sums, factors[3], first: true), from.Ridge);
        factors[3] = Solve(factors, 3, AlongAxis(sums, factors[2], first: false), from.Ridge);

        var back = new FloatMatrix(unfolded.AlongOutputs.Rows, rank);
        FloatProduct.AddTimesTransposed(unfolded.AlongOutputs, factors[0], back);
        var product = OverPositions(back, inputs, Positions(factors));
        factors[1] = Solve(factors, 1, product, from.Ridge);
        var error = Error(factors, product);
        Balance(factors);
        return new State(factors, Math.Max(LastRidge, from.Ridge * RidgeDecay), error);
    }

    /// <summary>‖W − Ŵ‖² = ‖W‖² − 2⟨W, Ŵ⟩ + ‖Ŵ‖², from the product that B was solved from.</summary>
    double Error(FloatMatrix[] factors, FloatMatrix product)
    {
        if (squaredNorm == 0)
            return 0;
        var gram = GramOf(factors, except: -1);
        var inner = 0.0;
        for (var r = 0; r < product.Rows; r++)
            inner += TensorPrimitives.Dot<float>(product.Row(r), factors[1].Row(r));
        var square = TensorPrimitives.Sum<float>(gram.Values.Span);
        return Math.Sqrt(Math.Max(0, squaredNorm - (2 * inner) + square) / squaredNorm);
    }

    /// <summary>The least-squares solution for one factor: X·V = M, with V the product, entry by entry, of the others' Gram matrices.</summary>
    static FloatMatrix Solve(FloatMatrix[] factors, int index, FloatMatrix product, float ridge)
    {
        for (; ; ridge *= 10)
        {
            var gram = GramOf(factors, index);
            var mean = 0f;
            for (var r = 0; r < gram.Rows; r++)
                mean += gram.Row(r)[r] / gram.Rows;
            for (var r = 0; r < gram.Rows; r++)
                gram.Row(r)[r] += mean > 0 ? ridge * mean : 1;
            if (!Cholesky.Factor(gram))
                continue;
            var right = product.Transposed();
            Cholesky.Solve(gram, right);
            return right.Transposed();
        }
    }

    static FloatMatrix GramOf(FloatMatrix[] factors, int except)
    {
        var rank = factors[0].Rows;
        var product = new FloatMatrix(rank, rank);
        product.Values.Span.Fill(1);
        for (var i = 0; i < factors.Length; i++)
        {
            if (i == except)
                continue;
            var gram = new FloatMatrix(rank, rank);
            FloatProduct.AddTimesTransposed(factors[i], factors[i], gram);
            TensorPrimitives.Multiply(product.Values.Span, gram.Values.Span, product.Values.Span);
        }

        return product;
    }

    /// <summary>c_r ∘ d_r at each position of the kernel: positions x R.</summary>
    FloatMatrix Positions(FloatMatrix[] factors)
    {
        var (first, second) = (factors[2].Transposed(), factors[3].Transposed());
        var positions = new FloatMatrix(height * width, first.Columns);
        for (var k = 0; k < positions.Rows; k++)
            TensorPrimitives.Multiply(first.Row(k / width), second.Row(k % width), positions.Row(k));
        return positions;
    }

    /// <summary>Σ over positions for each channel: R x channels.</summary>
    static FloatMatrix OverPositions(FloatMatrix projected, int channels, FloatMatrix positions)
    {
        var sums = new FloatMatrix(channels, projected.Columns);
        Parallel.For(0, channels, channel =>
        {
            var sum = sums.Row(channel);
            for (var k = 0; k < positions.Rows; k++)
                TensorPrimitives.MultiplyAdd(projected.Row((channel * positions.Rows) + k), positions.Row(k), sum, sum);
        });
        return sums.Transposed();
    }

    /// <summary>Σ over channels for each position: positions x R.</summary>
    FloatMatrix OverChannels(FloatMatrix projected, FloatMatrix factor)
    {
        var columns = factor.Transposed();
        var sums = new FloatMatrix(height * width, projected.Columns);
        for (var channel = 0; channel < columns.Rows; channel++)
        {
            for (var k = 0; k < sums.Rows; k++)
                TensorPrimitives.MultiplyAdd(projected.Row((channel * sums.Rows) + k), columns.Row(channel), sums.Row(k), sums.Row(k));
        }

        return sums;
    }

    /// <summary>Σ over one axis for each position on the other: R x positions on it.</summary>
    FloatMatrix AlongAxis(FloatMatrix sums, FloatMatrix other, bool first)
    {
        var weights = other.Transposed();
        var result = new FloatMatrix(first ? height : width, sums.Columns);
        for (var k = 0; k < sums.Rows; k++)
        {
            var (row, weight) = first ? (k / width, k % width) : (k % width, k / width);
            TensorPrimitives.MultiplyAdd(sums.Row(k), weights.Row(weight), result.Row(row), result.Row(row));
        }

        return result.Transposed();
    }

    /// <summary>Gives the vectors of each term the same norm, which changes no term.</summary>
    static void Balance(FloatMatrix[] factors)
    {
        for (var r = 0; r < factors[0].Rows; r++)
        {
            var norms = factors.Select(factor => (double)TensorPrimitives.Norm<float>(factor.Row(r))).ToArray();
            var wanted = Math.Pow(norms.Aggregate((product, norm) => product * norm), 1.0 / norms.Length);
            for (var i = 0; i < factors.Length && wanted > 0; i++)
                TensorPrimitives.Multiply(factors[i].Row(r), (float)(wanted / norms[i]), factors[i].Row(r));
        }
    }

    static FloatMatrix Normal(Random random, int rows, int columns)
    {
        var matrix = new FloatMatrix(rows, columns);
        foreach (ref var value in matrix.Values.Span)
            value = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return matrix;
    }
}
