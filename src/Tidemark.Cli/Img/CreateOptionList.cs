using Tidemark.Block.Contract;
using Tidemark.Block.Create;
using Tidemark.Cli.Options;

namespace Tidemark.Cli.Img;

/// <summary>"-o name=value,…" against the options that a format and its protocol take; commas in values are doubled.</summary>
internal sealed class CreateOptionList(DriverDefinition format, DriverDefinition? protocol) : CreateOptionValues(format, protocol)
{
    /// <summary>The message for a value that is no size.</summary>
    public static string SizeMessage(string name) =>
        $"Parameter '{name}' expects a non-negative number below 2^64\n"
        + "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\nand exabytes, respectively.";

    /// <summary>Whether <paramref name="text"/> asks for the list of options.</summary>
    public static bool IsHelp(string text) => OptionList.Split(text).Any(static p => p.Name is "help" or "?" && p.Value is null);

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
        var option = Find(name) ?? throw new CommandException($"Invalid parameter '{name}'");
        SetChecked(
            name,
            option.Type switch
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
            }
        );
    }

    /// <summary>Prints the options, sorted, as "-o help" does.</summary>
    public void PrintHelp(TextWriter output)
    {
        foreach (var option in Known.OrderBy(static o => o.Name, StringComparer.Ordinal))
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
}
