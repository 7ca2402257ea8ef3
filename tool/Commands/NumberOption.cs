using System.CommandLine;
using System.Globalization;

namespace Compress.Tool.Commands;

/// <summary>An option whose value is a whole number of at least a least one; 0 by default.</summary>
sealed class NumberOption : Option<int>
{
    public NumberOption(string name, int least, string description)
        : base(name)
    {
        Description = description;
        HelpName = "N";
        DefaultValueFactory = _ => 0;
        CustomParser = result =>
        {
            var given = result.Tokens[0].Value;
            if (int.TryParse(given, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least)
                return number;
            result.AddError($"'{given}' is no value for {name}; it is a whole number from {least} to {int.MaxValue}");
            return 0;
        };
    }
}
