using Compress.Tool;
using Compress.Tool.Output;

using var interrupts = new Interrupts();
var (results, messages) = StandardStreams.Open();
return CommandLine.Invoke(args, results, messages, new Engine(), interrupts.Token);
