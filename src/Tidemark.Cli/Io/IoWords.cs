using System.Globalization;
using Tidemark.Cli.Options;

namespace Tidemark.Cli.Io;

/// <summary>A command's words taken apart: letters, then the rest, with the checks that commands have in common.</summary>
internal sealed class IoWords(ParsedOptions options)
{
    /// <summary>Longest request, bytes: as the reference has it, 2^31 less one sector.</summary>
    public const int LongestRequest = 0x7ffffe00;

    /// <summary>Letters and the rest as they were taken apart.</summary>
    public ParsedOptions Options => options;

    /// <summary>What is no option.</summary>
    public IReadOnlyList<string> Rest => options.Operands;

    /// <summary>Whether the letter was given.</summary>
    public bool Has(string letter) => options.Has(letter);

    /// <summary>The letter's value, or null.</summary>
    public string? Get(string letter) => options.Get(letter);

    /// <summary>Takes words apart by <paramref name="letters"/> ("qP:"). Throws <see cref="UsageException"/>.</summary>
    public static IoWords Parse(string letters, IReadOnlyList<string> words)
    {
        List<OptionSpec> specs = [];
        for (var i = 0; i < letters.Length; i++)
        {
            var takesValue = i + 1 < letters.Length && letters[i + 1] == ':';
            specs.Add(new OptionSpec(letters[i], null, takesValue));
            i += takesValue ? 1 : 0;
        }
        return new IoWords(new OptionParser(OptionWording.Library, [.. specs]).Parse(words));
    }

    /// <summary>Words of which none is an option.</summary>
    public static IoWords AsTheyAre(IReadOnlyList<string> words) => new(new ParsedOptions([], words));

    /// <summary>Requires a number of words that are no options, or prints the syntax.</summary>
    public void RequireRest(int least, int most = -1)
    {
        if (Rest.Count < least || (most >= 0 && Rest.Count > most))
        {
            throw new IoCommandException(null);
        }
    }

    /// <summary>A number of bytes.</summary>
    public static long Bytes(string text) =>
        SizeParser.TryParse(text, out var bytes) switch
        {
            SizeParser.Fault.None => bytes,
            SizeParser.Fault.OutOfRange => throw new IoCommandException($"Parsing error: argument too large -- {text}"),
            _ => throw new IoCommandException(
                $"Parsing error: non-numeric argument, or extraneous/unrecognized suffix -- {text}"
            ),
        };

    /// <summary>The byte that -P names; null if it was not given.</summary>
    public byte? Pattern()
    {
        if (Get("P") is not { } text)
        {
            return null;
        }
        var isHexadecimal = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        var isNumber = isHexadecimal
            ? byte.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            : byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        return isNumber ? value : throw new IoCommandException($"{text} is not a valid pattern byte");
    }

    /// <summary>The sum of the lengths of a vector's parts.</summary>
    public static int VectorLength(IEnumerable<string> parts)
    {
        var total = 0L;
        foreach (var part in parts)
        {
            var length = Bytes(part);
            if (length > LongestRequest)
            {
                throw new IoCommandException($"Argument '{part}' exceeds maximum size {LongestRequest}");
            }
            total += length;
            if (total > LongestRequest)
            {
                throw new IoCommandException($"The total number of bytes exceed the maximum size {LongestRequest}");
            }
        }
        return (int)total;
    }
}
