using Compress.Diagnostics;
using Compress.Reporting;

namespace Compress.UnitTests.Reporting;

public class PolicyCheckJsonTests
{
    [Fact]
    public void A_policy_check_has_exactly_this_form()
    {
        var check = new PolicyCheck(
            [new CheckedRule(5, "*", ["/conv1/Conv"])], [new CheckedLayer("/conv1/Conv", "Conv", ["quantize int8"])],
            [new Diagnostic("CMP1008", Severity.Warning, "no layer", new SourcePosition("compress.yaml", 9, 5))], ["/models/lenet.onnx"]);

        Assert.Equal(
            """
            {
              "schema": 1,
              "rules": [
                {
                  "line": 5,
                  "match": "*",
                  "layers": [
                    "/conv1/Conv"
                  ]
                }
              ],
              "layers": [
                {
                  "name": "/conv1/Conv",
                  "op": "Conv",
                  "asked": [
                    "quantize int8"
                  ]
                }
              ],
              "diagnostics": [
                {
                  "code": "CMP1008",
                  "severity": "warning",
                  "message": "no layer",
                  "file": "compress.yaml",
                  "line": 9,
                  "column": 5
                }
              ],
              "inputFiles": [
                "/models/lenet.onnx"
              ]
            }

            """, Json.Text(stream => PolicyCheckJson.Write(check, stream)));
    }
}
