using System;

namespace Tidemark.Generators;

/// <summary>A file that the generator adds; compared by content, so that an unchanged one is not compiled again.</summary>
internal readonly struct GeneratedFile(string hintName, string text) : IEquatable<GeneratedFile>
{
    public string HintName { get; } = hintName;

    public string Text { get; } = text;

    public bool Equals(GeneratedFile other) =>
        string.Equals(HintName, other.HintName, StringComparison.Ordinal)
        && string.Equals(Text, other.Text, StringComparison.Ordinal);

    public override bool Equals(object obj) => obj is GeneratedFile other && Equals(other);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Text ?? "");
}
