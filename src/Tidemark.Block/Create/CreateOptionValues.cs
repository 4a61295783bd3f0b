using System.Text;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Block.Create;

/// <summary>Values for the options that a format and its protocol take when an image is made ("-o" on command lines).</summary>
public class CreateOptionValues
{
    private readonly List<CreateOption> known = [];
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <summary>The options of <paramref name="format"/>, and of <paramref name="protocol"/> unless it is the format itself.</summary>
    public CreateOptionValues(DriverDefinition format, DriverDefinition? protocol)
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

    /// <summary>The options that there are, in the driver's order.</summary>
    public IReadOnlyList<CreateOption> Known => known;

    /// <summary>The value of an option as the driver will read it, or null.</summary>
    public string? this[string name] => values.GetValueOrDefault(name);

    /// <summary>The option of this name, or null.</summary>
    public CreateOption? Find(string name) => known.Find(o => o.Name == name);

    /// <summary>Whether there is an option of this name.</summary>
    public bool Knows(string name) => Find(name) is not null;

    /// <summary>Sets an option to a value as the driver reads it: sizes in bytes, without a suffix.</summary>
    public void SetChecked(string name, string value)
    {
        Invariant.That(Knows(name), "only known options are set");
        values[name] = value;
    }

    /// <summary>All that is set or has a default, " name=value" in the options' own order, commas doubled.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        foreach (var option in known)
        {
            if ((values.GetValueOrDefault(option.Name) ?? option.Default) is { } value)
            {
                _ = text.Append(' ').Append(option.Name).Append('=').Append(value.Replace(",", ",,", StringComparison.Ordinal));
            }
        }
        return text.ToString();
    }

    /// <summary>What was set, as strings, for <see cref="ImageCreation.CreateFileAsync"/>.</summary>
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
}
