using System.Text;

namespace Tidemark.Cli.Machine.Monitor;

/// <summary>Words of a line: between blanks, or between quotes, in which a backslash takes the next character as it is.</summary>
internal static class MonitorWords
{
    /// <summary>The first word, which is not quoted, and what follows it.</summary>
    public static (string Word, string Arguments) First(string line)
    {
        var text = line.Trim();
        var end = text.IndexOf(' ', StringComparison.Ordinal);
        return end < 0 ? (text, "") : (text[..end], text[end..].TrimStart());
    }

    /// <summary>All words. Throws <see cref="MonitorException"/> for a quote without an end.</summary>
    public static List<string> Split(string text)
    {
        List<string> words = [];
        for (var at = 0; at < text.Length; )
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }
            words.Add(text[at] == '"' ? Quoted(text, ref at) : Plain(text, ref at));
        }
        return words;
    }

    private static string Plain(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && !char.IsWhiteSpace(text[at]))
        {
            at++;
        }
        return text[start..at];
    }

    private static string Quoted(string text, ref int at)
    {
        var word = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                at++;
                return word.ToString();
            }
            if (text[at] == '\\' && at + 1 < text.Length)
            {
                at++;
                _ = word.Append(
                    text[at] switch
                    {
                        'n' => '\n',
                        'r' => '\r',
                        var other => other,
                    }
                );
                continue;
            }
            _ = word.Append(text[at]);
        }
        throw new MonitorException("unterminated string");
    }
}
