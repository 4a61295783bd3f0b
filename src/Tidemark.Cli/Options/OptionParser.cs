namespace Tidemark.Cli.Options;

/// <summary>
/// Takes command lines apart as the C library's getopt_long does: options and operands in any order, letters joined ("-qp"),
/// values joined or apart ("-fraw", "--output=json"), long names cut short where that is clear, "--" before operands.
/// </summary>
internal sealed class OptionParser(params OptionSpec[] specs)
{
    /// <summary>
    /// Reads "f=", "output=", "q|quiet": letters and long names, with '=' where a value follows.
    /// </summary>
    public static OptionParser Of(params string[] descriptions) => new([.. descriptions.Select(Describe)]);

    /// <summary>Takes <paramref name="arguments"/> apart. Throws <see cref="UsageException"/>.</summary>
    public ParsedOptions Parse(IReadOnlyList<string> arguments)
    {
        List<(string, string)> options = [];
        List<string> operands = [];
        var i = 0;
        while (i < arguments.Count)
        {
            var argument = arguments[i++];
            if (argument == "--")
            {
                operands.AddRange(arguments.Skip(i));
                break;
            }
            if (argument.StartsWith("--", StringComparison.Ordinal))
            {
                options.Add(ParseLong(argument, arguments, ref i));
            }
            else if (argument.Length > 1 && argument[0] == '-')
            {
                ParseLetters(argument, arguments, ref i, options);
            }
            else
            {
                operands.Add(argument);
            }
        }
        return new ParsedOptions(options, operands);
    }

    private (string, string) ParseLong(string argument, IReadOnlyList<string> arguments, ref int i)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? argument[2..] : argument[2..equals];
        var matches = specs.Where(s => s.Name?.StartsWith(name, StringComparison.Ordinal) == true).ToList();
        var spec = matches.Find(s => s.Name == name) ?? (matches.Count == 1 ? matches[0] : null);
        if (spec is null || (!spec.TakesValue && equals >= 0))
        {
            throw new UsageException($"unrecognized option '{argument}'");
        }
        if (!spec.TakesValue)
        {
            return (spec.Key, "");
        }
        if (equals >= 0)
        {
            return (spec.Key, argument[(equals + 1)..]);
        }
        return i < arguments.Count
            ? (spec.Key, arguments[i++])
            : throw new UsageException($"missing argument for option '{argument}'");
    }

    private void ParseLetters(string argument, IReadOnlyList<string> arguments, ref int i, List<(string, string)> options)
    {
        for (var at = 1; at < argument.Length; at++)
        {
            var spec =
                Array.Find(specs, s => s.Letter == argument[at]) ?? throw new UsageException($"unrecognized option '{argument}'");
            if (!spec.TakesValue)
            {
                options.Add((spec.Key, ""));
                continue;
            }
            if (at + 1 < argument.Length)
            {
                options.Add((spec.Key, argument[(at + 1)..]));
            }
            else if (i < arguments.Count)
            {
                options.Add((spec.Key, arguments[i++]));
            }
            else
            {
                throw new UsageException($"missing argument for option '{argument}'");
            }
            return;
        }
    }

    private static OptionSpec Describe(string description)
    {
        var takesValue = description[^1] == '=';
        var names = description.TrimEnd('=').Split('|');
        var letter = Array.Find(names, static n => n.Length == 1)?[0] ?? '\0';
        return new OptionSpec(letter, Array.Find(names, static n => n.Length > 1), takesValue);
    }
}
