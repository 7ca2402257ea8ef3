using System.Text;
using System.Text.Json;
using Compress.Diagnostics;
using Compress.Evaluation;
using Compress.Execution;
using Compress.Reporting;
using Compress.Techniques;
using Compress.UnitTests.Support;
using Compress.Verification;

namespace Compress.UnitTests.Reporting;

public class ReportJsonTests
{
    static readonly Report Small = new()
    {
        Verdict = Verdict.PassedWithWarnings,
        Before = new ModelSummary("lenet.onnx", 1000, 240, 5000, 900),
        After = new ModelSummary("lenet.compressed.onnx", 350, 120, null, 90),
        Ratios = new Ratios(0.35, 0.5, null, 0.82, 0.1),
        Verified = new Verified(1, 0.00002, "output 'noise' is left out"),
        Repair = [new RepairGain("equalization", 0.25, 0.125, true, "3 pairs of layers")],
        Int8 = new IntegerExecution(3, 1, 4, 0, 12),
        Metrics = new Dictionary<string, MetricResult>
        {
            ["top1"] = new(0.93, 0.92, 0.01, new Interval(0.005, 0.015, 0.95), 100),
            ["mse"] = new(null, 0.25, null, null, 1),
        },
        Gates =
        [
            new GateResult("top1", "drop ≤ 1%", 0.01, GateVerdict.Passed, "top1 fell by 1 point"),
            new GateResult("macs", "≤ 50%", null, GateVerdict.NotMeasured, "macs cannot be measured"),
        ],
        Layers =
        [
            new LayerReport("/conv1/Conv", "Conv",
            [
                new LayerChange("/conv1/Conv", "Conv", "prune", "filters 30% by l1",
                    new LayerState("6x1x5x5 float32", 156, 86400, 624), new LayerState("4x1x5x5 float32", 104, 57600, 416), double.NaN, ErrorBefore: 0.5),
                new LayerChange("/conv1/Conv", "Conv", "svd", "ratio 0.5", Skipped: "it is no Gemm or \"MatMul\""),
            ]),
        ],
        Diagnostics =
        [
            new Diagnostic("CMP5002", Severity.Warning, "macs cannot be measured", new SourcePosition("compress.yaml", 14, 5)),
            new Diagnostic("CMP2001", Severity.Error, "the file is missing", new SourcePosition("lenet.onnx")),
        ],
        Seconds = new Dictionary<string, double> { ["prune"] = 0.5 },
    };

    [Fact]
    public void A_report_has_exactly_this_form()
    {
        Assert.Equal(
            """
            {
              "schema": 1,
              "verdict": "passed-with-warnings",
              "before": {
                "path": "lenet.onnx",
                "bytes": 1000,
                "parameters": 240,
                "macs": 5000,
                "downloadBytes": 900
              },
              "after": {
                "path": "lenet.compressed.onnx",
                "bytes": 350,
                "parameters": 120,
                "macs": null,
                "downloadBytes": 90
              },
              "ratios": {
                "size": 0.35,
                "downloadSize": 0.1,
                "parameters": 0.5,
                "macs": null,
                "latency": 0.82
              },
              "verified": {
                "samples": 1,
                "maxRelativeDifference": 2E-05,
                "omitted": "output 'noise' is left out"
              },
              "repair": [
                {
                  "step": "equalization",
                  "errorBefore": 0.25,
                  "errorAfter": 0.125,
                  "isKept": true,
                  "detail": "3 pairs of layers"
                }
              ],
              "int8": {
                "integerLayers": 3,
                "floatLayers": 1,
                "crossings": 4,
                "lonePairs": 0,
                "crossingsWritten": 12
              },
              "metrics": {
                "top1": {
                  "before": 0.93,
                  "after": 0.92,
                  "drop": 0.01,
                  "interval": [
                    0.005,
                    0.015
                  ],
                  "level": 0.95,
                  "samples": 100
                },
                "mse": {
                  "before": null,
                  "after": 0.25,
                  "drop": null,
                  "interval": null,
                  "level": null,
                  "samples": 1
                }
              },
              "gates": [
                {
                  "name": "top1",
                  "limit": "drop ≤ 1%",
                  "observed": 0.01,
                  "verdict": "passed",
                  "detail": "top1 fell by 1 point"
                },
                {
                  "name": "macs",
                  "limit": "≤ 50%",
                  "observed": null,
                  "verdict": "not-measured",
                  "detail": "macs cannot be measured"
                }
              ],
              "layers": [
                {
                  "name": "/conv1/Conv",
                  "op": "Conv",
                  "techniques": [
                    {
                      "kind": "prune",
                      "settings": "filters 30% by l1",
                      "before": {
                        "form": "6x1x5x5 float32",
                        "parameters": 156,
                        "macs": 86400,
                        "bytes": 624
                      },
                      "after": {
                        "form": "4x1x5x5 float32",
                        "parameters": 104,
                        "macs": 57600,
                        "bytes": 416
                      },
                      "errorBefore": 0.5,
                      "error": null,
                      "skipped": null
                    },
                    {
                      "kind": "svd",
                      "settings": "ratio 0.5",
                      "before": null,
                      "after": null,
                      "errorBefore": null,
                      "error": null,
                      "skipped": "it is no Gemm or \"MatMul\""
                    }
                  ]
                }
              ],
              "diagnostics": [
                {
                  "code": "CMP5002",
                  "severity": "warning",
                  "message": "macs cannot be measured",
                  "file": "compress.yaml",
                  "line": 14,
                  "column": 5
                },
                {
                  "code": "CMP2001",
                  "severity": "error",
                  "message": "the file is missing",
                  "file": "lenet.onnx",
                  "line": null,
                  "column": null
                }
              ],
              "seconds": {
                "prune": 0.5
              }
            }

            """, Json.Text(stream => ReportJson.Write(Small, stream)));
    }

    [Fact]
    public void What_was_written_is_read_back()
    {
        var text = Json.Text(stream => ReportJson.Write(Small, stream));

        var read = ReportJson.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)));

        Assert.Equal(text, Json.Text(stream => ReportJson.Write(read, stream)));
        Assert.Equal(Small.Diagnostics, read.Diagnostics);
        Assert.Equal(Small.Metrics, read.Metrics);
        Assert.Equal(Small.Verified, read.Verified);
        Assert.Equal(Small.Layers[0].Techniques[1], read.Layers[0].Techniques[1]);
    }

    [Fact]
    public void A_report_of_a_run_that_hardly_began_has_every_field()
    {
        using var document = JsonDocument.Parse(Json.Text(stream => ReportJson.Write(new Report { Verdict = Verdict.Failed }, stream)));

        Assert.Equal("failed", document.RootElement.GetProperty("verdict").GetString());
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("before").ValueKind);
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("ratios").GetProperty("size").ValueKind);
        Assert.Equal(0, document.RootElement.GetProperty("layers").GetArrayLength());
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Numbers_that_are_not_finite_are_null(double value)
    {
        var report = new Report
        {
            Verdict = Verdict.Failed,
            Metrics = new Dictionary<string, MetricResult> { ["mse"] = new(value, value, value, new Interval(0, value, 0.95), 3) },
        };

        using var document = JsonDocument.Parse(Json.Text(stream => ReportJson.Write(report, stream)));

        var metric = document.RootElement.GetProperty("metrics").GetProperty("mse");
        Assert.Equal(JsonValueKind.Null, metric.GetProperty("before").ValueKind);
        Assert.Equal(JsonValueKind.Null, metric.GetProperty("after").ValueKind);
        Assert.Equal(JsonValueKind.Null, metric.GetProperty("interval")[1].ValueKind);
    }

    [Fact]
    public void A_saved_report_is_a_whole_file_and_nothing_else()
    {
        var folder = Directory.CreateTempSubdirectory("report");
        try
        {
            ReportJson.Save(Small, Path.Combine(folder.FullName, "deep", "report.json"));

            var file = Assert.Single(folder.EnumerateFiles("*", SearchOption.AllDirectories));
            Assert.Equal(Json.Text(stream => ReportJson.Write(Small, stream)), File.ReadAllText(file.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_field_is_described()
    {
        var page = Repository.Read("docs/report.md");
        using var document = JsonDocument.Parse(Json.Text(stream => ReportJson.Write(Small, stream)));

        Assert.All(Json.Names(document.RootElement).Except(["prune", "top1", "mse"]).Distinct(),
            name => Assert.Matches($"(?m)^\\| `([^`]*\\.)?{name}` \\|", page));
    }
}
