using Tidemark.Cli.Options;

namespace Tidemark.Cli.StorageDaemon;

/// <summary>--trace: the grammar of the reference over an empty list of events. What names an event is warned about.</summary>
internal static class TraceOption
{
    /// <summary>Carries it out; <paramref name="warn"/> takes a line for each unknown event. Throws <see cref="CommandException"/>.</summary>
    public static void Apply(ParsedOption option, Action<string> warn)
    {
        var isFirst = true;
        foreach (var (name, value) in OptionList.Split(option.Value))
        {
            var (key, pattern) = value is null && isFirst ? ("enable", name) : (name, value ?? "on");
            isFirst = false;
            switch (key)
            {
                case "enable":
                    Enable(pattern);
                    break;
                case "events" or "file":
                    throw new CommandException($"'{key}' is of no use: there are no events to trace");
                default:
                    throw new CommandException($"Invalid parameter '{key}'");
            }
        }

        void Enable(string pattern)
        {
            if (pattern is "help" or "?")
            {
                throw new HelpPrintedException();
            }
            // A pattern may match nothing; a name that does not exist is a mistake.
            if (!pattern.Contains('*', StringComparison.Ordinal) && !pattern.Contains('?', StringComparison.Ordinal))
            {
                warn($"{option.Typed}: warning: trace event '{pattern}' does not exist");
            }
        }
    }
}
