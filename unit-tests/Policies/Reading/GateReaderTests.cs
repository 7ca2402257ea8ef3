using Compress.Diagnostics;
using Compress.Policies;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Policies.Reading;

public class GateReaderTests
{
    [Fact]
    public void Every_metric_has_the_limits_that_say_something_about_it() => Assert.Equal(
        [
            new Gate("top1", At(3), MaxDrop: 0.01, Confidence: 0.95),
            new Gate("top5", At(4), Min: 0.9),
            new Gate("agreement", At(5), MaxDrop: 0.05, Min: 0.95),
            new Gate("cosine", At(6), Min: -0.5),
            new Gate("mse", At(7), Max: 0.001, Confidence: 0.9),
            new Gate("size", At(8), Max: 0.35),
            new Gate("macs", At(9), Max: 0.5),
            new Gate("parameters", At(10), Max: 1.2),
            new Gate("latency", At(11), Max: 0.7, Batch: 8, Threads: 2),
        ],
        PolicyYaml.Valid("""
            version: 1
            gates:
              top1: { max-drop: 1%, confidence: 95% }
              top5: { min: 0.9 }
              agreement: { max-drop: 5%, min: 95% }
              cosine: { min: -0.5 }
              mse: { max: 1e-3, confidence: 0.9 }
              size: { max: 35% }
              macs: { max: 1/2 }
              parameters: { max: 120% }
              latency: { max: 70%, batch: 8, threads: 2 }
            """).Gates);

    [Theory]
    [InlineData("top2: { min: 1 }", 3, "CMP1003: unknown key 'top2' (did you mean 'top1'?); 'gates' takes top1, top5, agreement, cosine, mse, size, download-size, macs, parameters, latency")]
    [InlineData("size: 35%", 9, "CMP1004: 'size' expects a mapping of limits, e.g. { max: 35% }; found '35%'")]
    [InlineData("size: {}", 9, "CMP1006: the gate 'size' names no limit; add max, e.g. max: 35%")]
    [InlineData("top1: { confidence: 95% }", 9, "CMP1006: the gate 'top1' names no limit; add max-drop or min, e.g. max-drop: 1%")]
    [InlineData("top1: { max: 1 }", 11, "CMP1003: unknown key 'max'; this gate takes max-drop, min, confidence")]
    [InlineData("top1: { expect: 91% }", 11, "CMP1003: 'expect' is not supported by this version; this gate takes max-drop, min, confidence")]
    [InlineData("top1: { max-drop: 5 }", 21, "CMP1005: 'max-drop' is 5; it must be at least 0 and at most 1 (did you mean 5%?)")]
    [InlineData("top1: { min: 1, confidence: 100% }", 31, "CMP1005: 'confidence' is 100%; it must be greater than 0 and less than 1")]
    [InlineData("cosine: { min: -2 }", 18, "CMP1005: 'min' is -2; it must be at least -1 and at most 1")]
    [InlineData("mse: { max: -1 }", 15, "CMP1005: 'max' is -1; it must be at least 0")]
    [InlineData("size: { max: 35 }", 16, "CMP1005: 'max' is 35; it must be greater than 0 and at most 10 (did you mean 35%?)")]
    [InlineData("size: { max: 30%, batch: 1 }", 21, "CMP1003: unknown key 'batch'; this gate takes max")]
    [InlineData("latency: { max: 70%, batch: 0 }", 31, "CMP1005: 'batch' is 0; it must be at least 1 and at most 2147483647")]
    public void A_mistake_is_reported_where_it_stands(string gate, int column, string message) => Assert.Equal(
        [$"p.yaml(3,{column}): error {message}"], PolicyYaml.Mistakes($"version: 1\ngates:\n  {gate}\n"));

    static SourcePosition At(int line) => new("p.yaml", line, 3);
}
