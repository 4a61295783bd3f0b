using System.Globalization;

namespace Tidemark.Core.Schema;

/// <summary>Numbers as command lines take them.</summary>
public static class OptionNumbers
{
    /// <summary>
    /// An integer: leading blanks, a sign, then decimal, octal (leading 0) or hexadecimal (0x) digits up to the end.
    /// <paramref name="beyond"/> tells that it was one, but above 2^64 - 1.
    /// </summary>
    public static bool TryParse(string text, out ulong magnitude, out bool negative, out bool beyond)
    {
        var digits = text.AsSpan().TrimStart(" \t\n\v\f\r");
        negative = digits is ['-', ..];
        if (digits is ['-' or '+', ..])
        {
            digits = digits[1..];
        }
        var radix = 10u;
        if (digits is ['0', 'x' or 'X', _, ..])
        {
            radix = 16;
            digits = digits[2..];
        }
        else if (digits is ['0', _, ..])
        {
            radix = 8;
        }
        magnitude = 0;
        beyond = false;
        if (digits.IsEmpty)
        {
            return false;
        }
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? (uint)Convert.ToInt32(c.ToString(), 16) : 16u;
            if (digit >= radix)
            {
                beyond = false;
                return false;
            }
            beyond |= magnitude > (ulong.MaxValue - digit) / radix;
            magnitude = unchecked((magnitude * radix) + digit);
        }
        return !beyond;
    }

    /// <summary>
    /// A number of bytes: decimal digits, possibly with a fraction, or hexadecimal ones, then possibly one of b, k, M, G, T, P, E in
    /// either case, which count by 1024. <paramref name="tooLarge"/> tells that it was one, but 2^64 or more.
    /// </summary>
    public static bool TryParseSize(string text, out ulong bytes, out bool tooLarge, char defaultSuffix = 'b')
    {
        bytes = 0;
        tooLarge = false;
        var rest = text.AsSpan();
        if (rest is ['0', 'x' or 'X', ..])
        {
            return TryParse(text, out bytes, out _, out tooLarge);
        }
        var length = 0;
        while (length < rest.Length && (char.IsAsciiDigit(rest[length]) || rest[length] == '.'))
        {
            length++;
        }
        var number = rest[..length];
        var point = number.IndexOf('.');
        var whole = point < 0 ? number : number[..point];
        var fraction = point < 0 ? default : number[(point + 1)..];
        if (whole.IsEmpty || fraction.Contains('.'))
        {
            return false;
        }
        var shift = Shift(length < rest.Length ? rest[length] : defaultSuffix);
        if (shift < 0 || rest.Length > length + 1)
        {
            return false;
        }
        if (
            !UInt128.TryParse(whole, NumberStyles.None, CultureInfo.InvariantCulture, out var units)
            || units > ulong.MaxValue
            || (units << shift) > ulong.MaxValue
        )
        {
            tooLarge = true;
            return false;
        }
        var part = fraction.IsEmpty ? 0 : double.Parse($"0.{fraction}", CultureInfo.InvariantCulture);
        if (part > 0 && shift == 0)
        {
            return false;
        }
        var total = (units << shift) + (UInt128)(part * Math.Pow(2, shift));
        tooLarge = total > ulong.MaxValue;
        bytes = tooLarge ? 0 : (ulong)total;
        return !tooLarge;
    }

    private static int Shift(char suffix) =>
        char.ToUpperInvariant(suffix) switch
        {
            'B' => 0,
            'K' => 10,
            'M' => 20,
            'G' => 30,
            'T' => 40,
            'P' => 50,
            'E' => 60,
            _ => -1,
        };
}
