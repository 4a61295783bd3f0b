namespace Tidemark.Core.Schema;

/// <summary>Ids that users choose: a letter, then letters, digits, '-', '.' and '_'.</summary>
public static class Identifier
{
    /// <summary>The rule, as programs print it.</summary>
    public const string Rule = "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.";

    /// <summary>Whether <paramref name="id"/> is one.</summary>
    public static bool IsWellFormed(string id) =>
        id.Length > 0 && char.IsAsciiLetter(id[0]) && id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');
}
