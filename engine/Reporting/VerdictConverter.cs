using System.Text.Json;
using System.Text.Json.Serialization;
using Compress.Evaluation;

namespace Compress.Reporting;

/// <summary><c>passed</c>, <c>passed-with-warnings</c>, <c>failed</c>.</summary>
sealed class VerdictConverter() : JsonStringEnumConverter<Verdict>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);

/// <summary><c>passed</c>, <c>failed</c>, <c>not-measured</c>.</summary>
sealed class GateVerdictConverter() : JsonStringEnumConverter<GateVerdict>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);
