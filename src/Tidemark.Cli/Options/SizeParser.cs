using System.Globalization;

namespace Tidemark.Cli.Options;

/// <summary>Sizes as people type them: "64M", "1.5G", "0x1000", "512". Suffixes are powers of 1024; lower case will do.</summary>
internal static class SizeParser
{
    /// <summary>Why a text is no size.</summary>
    internal enum Fault
    {
        /// <summary>It is one.</summary>
        None,

        /// <summary>It is no number with a known suffix.</summary>
        Malformed,

        /// <summary>It is 2^63 or above.</summary>
        OutOfRange,
    }

    /// <summary>Reads a size of 0 to 2^63 - 1 bytes; a number without suffix counts in units of <paramref name="unit"/>.</summary>
    public static Fault TryParse(string text, out long bytes, char unit = 'B')
    {
        bytes = 0;
        var body = text.TrimStart();
        body = body.StartsWith('+') ? body[1..] : body;
        if (body.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return ParseHexadecimal(body[2..], unit, out bytes);
        }
        var digits = 0;
        while (digits < body.Length && (char.IsAsciiDigit(body[digits]) || body[digits] == '.'))
        {
            digits++;
        }
        if (digits == 0 || body[0] == '.')
        {
            return Fault.Malformed;
        }
        var suffix = body[digits..];
        if (suffix.Length > 1 || !TryShift(suffix.Length == 0 ? unit : suffix[0], out var shift))
        {
            return Fault.Malformed;
        }
        if (!decimal.TryParse(body[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return body[..digits].Count(static c => c == '.') > 1 ? Fault.Malformed : Fault.OutOfRange;
        }
        if (shift == 0 && number != decimal.Truncate(number))
        {
            return Fault.Malformed;
        }
        if (number > long.MaxValue || number * (1UL << shift) > long.MaxValue)
        {
            return Fault.OutOfRange;
        }
        bytes = (long)decimal.Truncate(number * (1UL << shift));
        return Fault.None;
    }

    private static Fault ParseHexadecimal(string digits, char unit, out long bytes)
    {
        bytes = 0;
        if (
            !ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            || !TryShift(unit, out var shift)
        )
        {
            return Fault.Malformed;
        }
        if (number > (ulong)(long.MaxValue >> shift))
        {
            return Fault.OutOfRange;
        }
        bytes = (long)number << shift;
        return Fault.None;
    }

    private static bool TryShift(char suffix, out int shift)
    {
        var at = "BKMGTPE".IndexOf(char.ToUpperInvariant(suffix), StringComparison.Ordinal);
        shift = at * 10;
        return at >= 0;
    }
}
