using Tidemark.Cli.Options;

namespace Tidemark.Cli.Machine;

/// <summary>A chardev as -qmp spells it ("unix:/run/qmp,server=on,wait=off", "tcp:host:port,…", "stdio"), in the words of -chardev.</summary>
internal static class LegacyChardev
{
    /// <summary>The text for -chardev. Throws <see cref="CommandException"/>.</summary>
    public static string Describe(string id, string text)
    {
        if (text == "stdio")
        {
            return $"stdio,id={id}";
        }
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var rest = text[(colon + 1)..];
        switch (colon < 0 ? "" : text[..colon])
        {
            case "unix":
                return $"socket,id={id},path={rest}";
            case "chardev":
                throw new CommandException("use -mon for a chardev that is there already");
            case "tcp":
                var comma = rest.IndexOf(',', StringComparison.Ordinal);
                var (where, options) = comma < 0 ? (rest, "") : (rest[..comma], rest[comma..]);
                var last = where.LastIndexOf(':');
                return last >= 0
                    ? $"socket,id={id},host={where[..last]},port={where[(last + 1)..]}{options}"
                    : throw new CommandException($"error parsing address '{where}'");
            default:
                throw new CommandException($"'{text}' is not a valid char driver");
        }
    }
}
