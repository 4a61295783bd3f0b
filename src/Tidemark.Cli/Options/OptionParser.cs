namespace Tidemark.Cli.Options;

/// <summary>
/// Takes command lines apart as the C library's getopt_long does: options and operands in any order, letters joined ("-qp"),
/// values joined or apart ("-fraw", "--output=json"), long names cut short where that is clear, "--" before operands.
/// </summary>
internal sealed class OptionParser(OptionWording wording, params OptionSpec[] specs)
{
    /// <summary>Operands are kept among the options, in their place, with an empty key.</summary>
    public bool KeepsOperandsInOrder { get; init; }

    /// <summary>Options end at the first operand; what follows it is operands too.</summary>
    public bool StopsAtOperand { get; init; }

    /// <summary>
    /// Reads "f=", "output=", "q|quiet": letters and long names, with '=' where a value follows.
    /// </summary>
    public static OptionParser Of(params string[] descriptions) =>
        new(OptionWording.Own, [.. descriptions.Select(OptionSpec.Describe)]);

    /// <summary>Takes <paramref name="arguments"/> apart. Throws <see cref="UsageException"/>.</summary>
    public ParsedOptions Parse(IReadOnlyList<string> arguments)
    {
        List<ParsedOption> options = [];
        List<string> operands = [];
        var i = 0;
        while (i < arguments.Count)
        {
            var argument = arguments[i++];
            if (argument == "--")
            {
                AddOperands(arguments.Skip(i), options, operands);
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
            else if (StopsAtOperand)
            {
                AddOperands(arguments.Skip(i - 1), options, operands);
                break;
            }
            else
            {
                AddOperands([argument], options, operands);
            }
        }
        return new ParsedOptions(options, operands);
    }

    private void AddOperands(IEnumerable<string> found, List<ParsedOption> options, List<string> operands)
    {
        foreach (var operand in found)
        {
            operands.Add(operand);
            if (KeepsOperandsInOrder)
            {
                options.Add(new ParsedOption("", operand, operand));
            }
        }
    }

    private ParsedOption ParseLong(string argument, IReadOnlyList<string> arguments, ref int i)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? argument[2..] : argument[2..equals];
        var matches = specs.Where(s => s.Name?.StartsWith(name, StringComparison.Ordinal) == true).ToList();
        var spec = matches.Find(s => s.Name == name) ?? (matches.Count == 1 ? matches[0] : null);
        if (spec is null)
        {
            throw matches.Count > 1 && wording == OptionWording.Library
                ? new UsageException(
                    $"option '{argument}' is ambiguous; possibilities:{string.Concat(matches.Select(static m => $" '--{m.Name}'"))}"
                )
                : new UsageException($"unrecognized option '{argument}'");
        }
        if (!spec.TakesValue)
        {
            return equals < 0 ? new ParsedOption(spec.Key, "", argument) : throw UnwantedValue(spec, argument);
        }
        if (equals >= 0)
        {
            return new ParsedOption(spec.Key, argument[(equals + 1)..], argument);
        }
        return i < arguments.Count
            ? new ParsedOption(spec.Key, arguments[i], $"{argument} {arguments[i++]}")
            : throw MissingValue(argument, $"option '--{spec.Name}' requires an argument");
    }

    private void ParseLetters(string argument, IReadOnlyList<string> arguments, ref int i, List<ParsedOption> options)
    {
        for (var at = 1; at < argument.Length; at++)
        {
            var spec = Array.Find(specs, s => s.Letter == argument[at]) ?? throw UnknownLetter(argument, argument[at]);
            if (!spec.TakesValue)
            {
                options.Add(new ParsedOption(spec.Key, "", argument));
                continue;
            }
            if (at + 1 < argument.Length)
            {
                options.Add(new ParsedOption(spec.Key, argument[(at + 1)..], argument));
            }
            else if (i < arguments.Count)
            {
                options.Add(new ParsedOption(spec.Key, arguments[i], $"{argument} {arguments[i++]}"));
            }
            else
            {
                throw MissingValue(argument, $"option requires an argument -- '{argument[at]}'");
            }
            return;
        }
    }

    private UsageException UnknownLetter(string argument, char letter) =>
        new(wording == OptionWording.Own ? $"unrecognized option '{argument}'" : $"invalid option -- '{letter}'");

    private UsageException MissingValue(string argument, string libraryText) =>
        new(wording == OptionWording.Own ? $"missing argument for option '{argument}'" : libraryText);

    private UsageException UnwantedValue(OptionSpec spec, string argument) =>
        new(
            wording == OptionWording.Own
                ? $"unrecognized option '{argument}'"
                : $"option '--{spec.Name}' doesn't allow an argument"
        );
}
