using Compress.Layers;
namespace Compress.Pruning.Forms;

/// <summary>Kernel positions at even distances: a smaller kernel, dilated where the distance is more than 1.</summary>
/// <param name="Start">The first coordinate on each axis.</param>
/// <param name="Step">The distance between coordinates on each axis.</param>
/// <param name="Size">The number of coordinates on each axis.</param>
sealed record KernelLattice(int[] Start, int[] Step, int[] Size)
{
    public int Count => Cost.Count(Size);

    public bool IsDilated => Step.Any(step => step > 1);

    /// <summary>The positions of a kernel that belong to the lattice, in row-major order.</summary>
    public int[] Positions(int[] kernel) => [.. Enumerable.Range(0, Count).Select(index =>
    {
        var inner = Coordinates(index, Size);
        var position = 0;
        for (var axis = 0; axis < kernel.Length; axis++)
            position = (position * kernel[axis]) + Start[axis] + (inner[axis] * Step[axis]);
        return position;
    })];

    /// <summary>The smallest box around some positions.</summary>
    public static KernelLattice Box(IReadOnlyList<int> positions, int[] kernel) => Around(positions, kernel, (_, _) => 1);

    /// <summary>The coarsest lattice that holds some positions.</summary>
    public static KernelLattice Coarsest(IReadOnlyList<int> positions, int[] kernel) => Around(positions, kernel,
        (coordinates, first) => Math.Max(1, coordinates.Aggregate(0, (divisor, coordinate) => Divisor(divisor, coordinate - first))));

    /// <summary>The coordinates of a position in row-major order.</summary>
    public static int[] Coordinates(int position, int[] sizes)
    {
        var coordinates = new int[sizes.Length];
        for (var axis = sizes.Length - 1; axis >= 0; axis--)
            (position, coordinates[axis]) = (position / sizes[axis], position % sizes[axis]);
        return coordinates;
    }

    static KernelLattice Around(IReadOnlyList<int> positions, int[] kernel, Func<IReadOnlyList<int>, int, int> stepOf)
    {
        var (start, step, size) = (new int[kernel.Length], new int[kernel.Length], new int[kernel.Length]);
        for (var axis = 0; axis < kernel.Length; axis++)
        {
            int[] coordinates = [.. positions.Select(position => Coordinates(position, kernel)[axis])];
            start[axis] = coordinates.Min();
            step[axis] = stepOf(coordinates, start[axis]);
            size[axis] = ((coordinates.Max() - start[axis]) / step[axis]) + 1;
        }

        return new KernelLattice(start, step, size);
    }

    static int Divisor(int one, int other) => other == 0 ? one : Divisor(other, one % other);
}
