using System.CommandLine;

namespace Compress.Tool.Commands;

/// <summary>The policy's file; by default compress.yaml in the current folder.</summary>
sealed class PolicyArgument : Argument<string>
{
    public PolicyArgument()
        : base("POLICY")
    {
        Arity = ArgumentArity.ZeroOrOne;
        Description = "The policy's file.";
        DefaultValueFactory = _ => "compress.yaml";
        Validators.Add(UsageErrors.CheckArgument);
    }
}
