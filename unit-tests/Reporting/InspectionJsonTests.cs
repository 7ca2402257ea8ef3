using Compress.Reporting;

namespace Compress.UnitTests.Reporting;

public class InspectionJsonTests
{
    [Fact]
    public void An_inspection_has_exactly_this_form()
    {
        var inspection = new Inspection(
            new ModelSummary("lenet.onnx", 1000, 240, 5000), 17, 8, ["'input' float[batch,1,28,28]"], ["logits"],
            [new LayerInfo("/fc/Gemm", "Gemm", "10x84 float32", null, 850, null, ["svd", "quantize"])],
            [new GroupInfo(10, 1, ["/fc/Gemm"], ["/sum/Add"], [], ["/scale/Mul"], "its channels reach the graph output 'logits'")], []);

        Assert.Equal(
            """
            {
              "schema": 1,
              "model": {
                "path": "lenet.onnx",
                "bytes": 1000,
                "parameters": 240,
                "macs": 5000,
                "downloadBytes": null
              },
              "opset": 17,
              "irVersion": 8,
              "inputs": [
                "'input' float[batch,1,28,28]"
              ],
              "outputs": [
                "logits"
              ],
              "layers": [
                {
                  "name": "/fc/Gemm",
                  "op": "Gemm",
                  "weight": "10x84 float32",
                  "output": null,
                  "parameters": 850,
                  "macs": null,
                  "techniques": [
                    "svd",
                    "quantize"
                  ]
                }
              ],
              "groups": [
                {
                  "channels": 10,
                  "width": 1,
                  "madeBy": [
                    "/fc/Gemm"
                  ],
                  "coupledBy": [
                    "/sum/Add"
                  ],
                  "readBy": [],
                  "along": [
                    "/scale/Mul"
                  ],
                  "pinnedBy": "its channels reach the graph output 'logits'"
                }
              ],
              "diagnostics": []
            }

            """, Json.Text(stream => InspectionJson.Write(inspection, stream)));
    }
}
