namespace Tidemark.Cli.Options;

/// <summary>One option of a command: a letter, a long name, or both.</summary>
/// <param name="Letter">The letter after one dash, or '\0'.</param>
/// <param name="Name">The name after two dashes, or null.</param>
/// <param name="TakesValue">Whether a value follows.</param>
internal sealed record OptionSpec(char Letter, string? Name, bool TakesValue)
{
    /// <summary>By what the command asks for it: the long name if there is one.</summary>
    public string Key { get; } = Name ?? Letter.ToString();

    /// <summary>Reads "f=", "output=", "q|quiet".</summary>
    public static OptionSpec Describe(string description)
    {
        var names = description.TrimEnd('=').Split('|');
        return new OptionSpec(
            Array.Find(names, static n => n.Length == 1)?[0] ?? '\0',
            Array.Find(names, static n => n.Length > 1),
            TakesValue: description[^1] == '='
        );
    }
}
