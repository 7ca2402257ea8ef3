namespace Compress.Data;

/// <summary>The order in which the last index runs fastest, as ONNX wants it.</summary>
static class RowMajor
{
    /// <summary>Rearranges an array in which the first index runs fastest (Fortran's order).</summary>
    public static T[] FromColumnMajor<T>(T[] values, ReadOnlySpan<int> shape)
    {
        var strides = new long[shape.Length];
        var stride = 1L;
        for (var axis = 0; axis < shape.Length; axis++)
        {
            strides[axis] = stride;
            stride *= shape[axis];
        }

        var result = new T[values.Length];
        var index = new int[shape.Length];
        var source = 0L;
        for (var target = 0; target < result.Length; target++)
        {
            result[target] = values[source];
            for (var axis = shape.Length - 1; axis >= 0; axis--)
            {
                source += strides[axis];
                if (++index[axis] < shape[axis])
                    break;
                source -= strides[axis] * shape[axis];
                index[axis] = 0;
            }
        }

        return result;
    }
}
