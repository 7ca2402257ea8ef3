using Compress.Tool.Output;

namespace Compress.Tool.Commands;

/// <summary>What a command works with.</summary>
sealed record Invocation(Terminal Terminal, ICompressor Engine, CancellationToken Cancellation);
