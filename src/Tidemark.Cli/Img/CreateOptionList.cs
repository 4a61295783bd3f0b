using System.Text;
using Tidemark.Block.Contract;
using Tidemark.Cli.Options;
using Tidemark.Core.Json;

namespace Tidemark.Cli.Img;

/// <summary>"-o name=value,…" against the options that a format and its protocol take; commas in values are doubled.</summary>
internal sealed class CreateOptionList
{
    private readonly List<CreateOption> known = [];
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <summary>The options of <paramref name="format"/>, and of the protocol unless it is the format itself.</summary>
    public CreateOptionList(DriverDefinition format, DriverDefinition? protocol)
    {
        known.AddRange(format.Creation?.CommandLineOptions ?? []);
        foreach (var option in protocol?.Creation?.CommandLineOptions ?? [])
        {
            if (!known.Exists(o => o.Name == option.Name))
            {
                known.Add(option);
            }
        }
    }

    /// <summary>The message for a value that is no size.</summary>
    public static string SizeMessage(string name) =>
        $"Parameter '{name}' expects a non-negative number below 2^64\n"
        + "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\nand exabytes, respectively.";

    /// <summary>Whether <paramref name="text"/> asks for the list of options.</summary>
    public static bool IsHelp(string text) => OptionList.Split(text).Any(static p => p.Name is "help" or "?" && p.Value is null);

    /// <summary>The value of an option, as it stands.</summary>
    public string? this[string name] => values.GetValueOrDefault(name);

    /// <summary>Takes "-o" text in; throws <see cref="CommandException"/> for unknown names and ill-formed values.</summary>
    public void Add(string text)
    {
        foreach (var (name, value) in OptionList.Split(text))
        {
            Set(name, value ?? "on");
        }
    }

    /// <summary>Sets one option; throws <see cref="CommandException"/>.</summary>
    public void Set(string name, string value)
    {
        var option = known.Find(o => o.Name == name) ?? throw new CommandException($"Invalid parameter '{name}'");
        values[name] = option.Type switch
        {
            CreateOptionType.Size => SizeParser.TryParse(value, out var bytes) == SizeParser.Fault.None
                ? bytes.ToString()
                : throw new CommandException(SizeMessage(name)),
            CreateOptionType.OnOff => value is "on" or "off"
                ? value
                : throw new CommandException($"Parameter '{name}' expects 'on' or 'off'"),
            CreateOptionType.Number => ulong.TryParse(value, out _)
                ? value
                : throw new CommandException($"Parameter '{name}' expects a number"),
            _ => value,
        };
    }

    /// <summary>Whether there is an option of this name.</summary>
    public bool Knows(string name) => known.Exists(o => o.Name == name);

    /// <summary>All that is set or has a default, "name=value" in the options' own order.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        foreach (var option in known)
        {
            if ((values.GetValueOrDefault(option.Name) ?? option.Default) is { } value)
            {
                _ = text.Append(' ').Append(option.Name).Append('=').Append(Quote(value));
            }
        }
        return text.ToString();
    }

    /// <summary>What was set, as strings, for the driver.</summary>
    public JsonObject ToOptions()
    {
        var options = new JsonObject();
        foreach (var option in known)
        {
            if (values.TryGetValue(option.Name, out var value))
            {
                options[option.Name] = value;
            }
        }
        return options;
    }

    /// <summary>Prints the options, sorted, as "-o help" does.</summary>
    public void PrintHelp(TextWriter output)
    {
        foreach (var option in known.OrderBy(static o => o.Name, StringComparer.Ordinal))
        {
            var type = option.Type switch
            {
                CreateOptionType.Size => "<size>",
                CreateOptionType.OnOff => "<bool (on/off)>",
                CreateOptionType.Number => "<num>",
                _ => "<str>",
            };
            output.WriteLine($"  {option.Name}={type}");
        }
    }

    private static string Quote(string value) =>
        value.Any(static c => c is ' ' or ',') ? $"\"{value.Replace("\"", "\\\"", StringComparison.Ordinal)}\"" : value;
}
