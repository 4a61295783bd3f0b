namespace Tidemark.Exports;

/// <summary>The rule for ids of objects that users name: a letter, then letters, digits, '-', '.' and '_'.</summary>
internal static class ExportId
{
    /// <summary>Whether <paramref name="id"/> keeps the rule.</summary>
    public static bool IsWellFormed(string id) =>
        id.Length > 0 && char.IsAsciiLetter(id[0]) && id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');
}
