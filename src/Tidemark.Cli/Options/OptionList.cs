using System.Text;

namespace Tidemark.Cli.Options;

/// <summary>Flat lists "name=value,name,…" in which ",," is a comma.</summary>
internal static class OptionList
{
    /// <summary>The parts, in order; the value is null where there is no '='.</summary>
    public static IEnumerable<(string Name, string? Value)> Split(string text)
    {
        var part = new StringBuilder();
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] == ',' && i + 1 < text.Length && text[i + 1] == ',')
            {
                _ = part.Append(',');
                i++;
            }
            else if (i < text.Length && text[i] != ',')
            {
                _ = part.Append(text[i]);
            }
            else if (part.Length > 0)
            {
                var pair = part.ToString();
                var equals = pair.IndexOf('=', StringComparison.Ordinal);
                yield return equals < 0 ? (pair, null) : (pair[..equals], pair[(equals + 1)..]);
                _ = part.Clear();
            }
        }
    }
}
