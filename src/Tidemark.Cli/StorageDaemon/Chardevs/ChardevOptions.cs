using System.Globalization;
using Tidemark.Cli.Options;
using Tidemark.Core.Schema;

namespace Tidemark.Cli.StorageDaemon.Chardevs;

/// <summary>
/// The text of --chardev taken apart: "socket,id=c,path=/run/qmp,server=on". Unlike other options these are a flat list in
/// which "server" alone is "server=on" and "nowait" is "wait=off".
/// </summary>
internal sealed class ChardevOptions
{
    private static readonly string[] Flags =
    [
        "abstract",
        "delay",
        "ipv4",
        "ipv6",
        "logappend",
        "mux",
        "nodelay",
        "server",
        "signal",
        "telnet",
        "tight",
        "tn3270",
        "wait",
        "websocket",
    ];

    private static readonly string[] Texts =
    [
        "backend",
        "fd",
        "host",
        "localaddr",
        "localport",
        "logfile",
        "path",
        "port",
        "reconnect",
        "size",
        "tls-authz",
        "tls-creds",
        "to",
    ];

    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    private ChardevOptions() { }

    /// <summary>Its id.</summary>
    public string Id { get; private set; } = "";

    /// <summary>Its kind: "socket", "stdio".</summary>
    public string Backend => values.GetValueOrDefault("backend", "");

    /// <summary>Whether the list of kinds was asked for.</summary>
    public bool IsHelp { get; private set; }

    /// <summary>Reads the text; <paramref name="warn"/> takes lines about outdated spelling. Throws <see cref="CommandException"/>.</summary>
    public static ChardevOptions Parse(string text, Action<string> warn)
    {
        var options = new ChardevOptions();
        if (text is "help" or "?")
        {
            options.IsHelp = true;
            return options;
        }
        var parts = OptionList.Split(text).ToList();
        options.TakeId(parts);
        for (var i = 0; i < parts.Count; i++)
        {
            var (name, value) = parts[i];
            if (value is null && i == 0)
            {
                (name, value) = ("backend", name);
            }
            else if (value is null)
            {
                (name, value) = Flag(name, warn);
            }
            options.Set(name, value);
        }
        return options.Id.Length > 0 ? options : throw new CommandException("chardev: no id specified");
    }

    /// <summary>A text, or null where it was not given.</summary>
    public string? Text(string name) => values.GetValueOrDefault(name);

    /// <summary>A flag, or null where it was not given.</summary>
    public bool? IsOn(string name) => values.TryGetValue(name, out var value) ? value == "on" : null;

    /// <summary>A port's number, or null; throws <see cref="CommandException"/>.</summary>
    public ushort? Port(string name) =>
        Text(name) is not { } text ? null
        : ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port
        : throw new CommandException($"Parameter '{name}' expects a number");

    /// <summary>A count of seconds, or null; throws <see cref="CommandException"/>.</summary>
    public long? Seconds(string name) =>
        Text(name) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds
        : throw new CommandException($"Parameter '{name}' expects a number");

    /// <summary>Refuses what a kind has no use for. Throws <see cref="CommandException"/>.</summary>
    public void AllowOnly(params string[] names)
    {
        foreach (var name in values.Keys)
        {
            if (name != "backend" && !names.Contains(name, StringComparer.Ordinal))
            {
                throw new CommandException($"chardev: {Backend}: '{name}' is not supported");
            }
        }
    }

    private void TakeId(List<(string Name, string? Value)> parts)
    {
        foreach (var (name, value) in parts)
        {
            if (name != "id" || value is null)
            {
                continue;
            }
            if (!Identifier.IsWellFormed(value))
            {
                throw new CommandException("Parameter 'id' expects an identifier\n" + Identifier.Rule);
            }
            if (Id.Length == 0)
            {
                Id = value;
            }
        }
    }

    private static (string Name, string Value) Flag(string name, Action<string> warn)
    {
        var (key, value) =
            name.StartsWith("no", StringComparison.Ordinal) && name != "nodelay" ? (name[2..], "off") : (name, "on");
        if (Flags.Contains(key, StringComparer.Ordinal))
        {
            warn($"warning: short-form boolean option '{name}' deprecated\nPlease use {key}={value} instead");
        }
        return (key, value);
    }

    private void Set(string name, string value)
    {
        if (name == "id")
        {
            return;
        }
        if (Flags.Contains(name, StringComparer.Ordinal))
        {
            if (value is not ("on" or "off"))
            {
                throw new CommandException($"Parameter '{name}' expects 'on' or 'off'");
            }
        }
        else if (!Texts.Contains(name, StringComparer.Ordinal))
        {
            throw new CommandException($"Invalid parameter '{name}'");
        }
        values[name] = value;
    }
}
