namespace Tidemark.Cli.Options;

/// <summary>One option, or one operand, of a command line.</summary>
/// <param name="Key">Which option; empty for an operand of a parser that keeps operands among the options.</param>
/// <param name="Value">Its value; empty for a flag.</param>
/// <param name="Typed">As it was typed, for messages ("--chardev stdio,id=c").</param>
internal readonly record struct ParsedOption(string Key, string Value, string Typed)
{
    /// <summary>Key and value alone.</summary>
    public void Deconstruct(out string key, out string value) => (key, value) = (Key, Value);
}
