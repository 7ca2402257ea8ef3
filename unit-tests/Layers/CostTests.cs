using Compress.Layers;
using Compress.Models;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Layers;

public class CostTests
{
    [Theory]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    [InlineData(false, false, false)]
    [InlineData(false, false, true)]
    public void A_matrix_product_costs_rows_by_columns_by_the_length_of_the_sum(bool weightIsRight, bool transposeRight, bool transposeLeft)
    {
        // [3, 5] · [5, 7], one of the two the weight.
        var weight = weightIsRight ? transposeRight ? new[] { 7, 5 } : [5, 7] : transposeLeft ? [5, 3] : [3, 5];
        var node = Node.Create("Gemm", "g", ["a", "b"], ["y"]).With("transA", transposeLeft ? 1 : 0).With("transB", transposeRight ? 1 : 0);

        Assert.Equal(3 * 5 * 7, Cost.Macs(node, weight, weightIsRight ? 1 : 0, null, [3, 7]));
    }

    [Fact]
    public void A_strided_grouped_convolution_costs_a_filter_for_each_output_value()
    {
        var graph = new GraphBuilder().Input("x", 1, 8, 9, 9).Conv("x", "y", 8, 16, stride: 2, group: 4).Output("y").Build().Graph;
        var shapes = new TensorShapes(new Dictionary<string, int[]> { ["y"] = [1, 16, 5, 5] });

        Assert.Equal(16 * 25 * 2 * 9, LayerCatalog.List(graph, shapes)[0].Macs);
    }

    [Fact]
    public void A_transposed_convolution_costs_a_filter_for_each_input_value()
    {
        var node = Node.Create("ConvTranspose", "c", ["x", "w"], ["y"]);

        Assert.Equal(8 * 25 * 4 * 4, Cost.Macs(node, [8, 4, 2, 2], 1, [1, 8, 5, 5], [1, 4, 10, 10]));
    }
}
