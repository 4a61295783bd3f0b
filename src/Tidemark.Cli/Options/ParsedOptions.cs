namespace Tidemark.Cli.Options;

/// <summary>A command line taken apart: options in the order given, and what is left.</summary>
internal sealed class ParsedOptions(IReadOnlyList<ParsedOption> options, IReadOnlyList<string> operands)
{
    /// <summary>All options in order; a flag's value is empty.</summary>
    public IReadOnlyList<ParsedOption> InOrder { get; } = options;

    /// <summary>What is no option: file names and the like.</summary>
    public IReadOnlyList<string> Operands { get; } = operands;

    /// <summary>Whether the option was given.</summary>
    public bool Has(string key) => InOrder.Any(o => o.Key == key);

    /// <summary>The option's value, the last one if it was given more than once; null if it was not.</summary>
    public string? Get(string key) => InOrder.LastOrDefault(o => o.Key == key).Value;

    /// <summary>All values of the option.</summary>
    public IEnumerable<string> All(string key)
    {
        foreach (var option in InOrder)
        {
            if (option.Key == key)
            {
                yield return option.Value;
            }
        }
    }
}
