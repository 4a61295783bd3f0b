using System.Text;

namespace Tidemark.Core.Json;

/// <summary>
/// The characters of string tokens. Only Unicode scalar values that are no noncharacters pass; U+0000 does, also in its
/// two-byte form, as with the reference.
/// </summary>
internal static class JsonText
{
    /// <summary>The string that a token (quotes included) stands for; throws <see cref="JsonParseException"/>.</summary>
    public static string Decode(ReadOnlySpan<byte> token)
    {
        var body = token[1..^1];
        if (body.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7E) < 0 && !body.Contains((byte)'\\'))
        {
            return Encoding.ASCII.GetString(body);
        }
        var result = new StringBuilder(body.Length);
        var i = 0;
        while (i < body.Length)
        {
            if (body[i] == '\\')
            {
                // An error shows what is there up to and with the closing quote.
                i += DecodeEscape(token[(i + 1)..], result);
            }
            else
            {
                i += DecodeRaw(body[i..], result);
            }
        }
        return result.ToString();
    }

    /// <summary>Bytes as they appear in an error text: up to a NUL, with U+FFFD for what is no UTF-8, and no more than is readable.</summary>
    public static string ForMessage(ReadOnlySpan<byte> bytes)
    {
        const int longest = 1024;
        var end = bytes.IndexOf((byte)0);
        if (end >= 0)
        {
            bytes = bytes[..end];
        }
        return Encoding.UTF8.GetString(bytes.Length > longest ? bytes[..longest] : bytes);
    }

    /// <summary>Decodes an escape at the front of <paramref name="rest"/>, which reaches to the closing quote; returns its length.</summary>
    private static int DecodeEscape(ReadOnlySpan<byte> rest, StringBuilder target)
    {
        switch (rest[1])
        {
            case (byte)'b':
                _ = target.Append('\b');
                return 2;
            case (byte)'f':
                _ = target.Append('\f');
                return 2;
            case (byte)'n':
                _ = target.Append('\n');
                return 2;
            case (byte)'r':
                _ = target.Append('\r');
                return 2;
            case (byte)'t':
                _ = target.Append('\t');
                return 2;
            case (byte)'"' or (byte)'\'' or (byte)'\\' or (byte)'/':
                _ = target.Append((char)rest[1]);
                return 2;
            case (byte)'u':
                return DecodeUnicodeEscape(rest, target);
            default:
                throw new JsonParseException("JSON parse error, invalid escape sequence in string");
        }
    }

    private static int DecodeUnicodeEscape(ReadOnlySpan<byte> rest, StringBuilder target)
    {
        var length = 6;
        var code = HexAt(rest);
        if (code is >= 0xD800 and <= 0xDBFF && rest.Length > 7 && rest[6] == '\\' && rest[7] == 'u')
        {
            var low = HexAt(rest[6..]);
            if (low is >= 0xDC00 and <= 0xDFFF)
            {
                length = 12;
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            }
        }
        if (!IsAllowed(code))
        {
            var shown = rest[..Math.Min(length, rest.Length)];
            throw new JsonParseException($"JSON parse error, {ForMessage(shown)} is not a valid Unicode character");
        }
        _ = target.Append(new Rune(code).ToString());
        return length;
    }

    /// <summary>The four hexadecimal digits behind <c>\u</c>, or -1.</summary>
    private static int HexAt(ReadOnlySpan<byte> escape)
    {
        if (escape.Length < 6)
        {
            return -1;
        }
        var code = 0;
        foreach (var digit in escape.Slice(2, 4))
        {
            if (!char.IsAsciiHexDigit((char)digit))
            {
                return -1;
            }
            code = (code << 4) | Convert.ToInt32(((char)digit).ToString(), 16);
        }
        return code;
    }

    private static int DecodeRaw(ReadOnlySpan<byte> body, StringBuilder target)
    {
        if (body.Length >= 2 && body[0] == 0xC0 && body[1] == 0x80)
        {
            _ = target.Append('\0');
            return 2;
        }
        if (
            Rune.DecodeFromUtf8(body, out var rune, out var length) != System.Buffers.OperationStatus.Done
            || !IsAllowed(rune.Value)
        )
        {
            throw new JsonParseException("JSON parse error, invalid UTF-8 sequence in string");
        }
        _ = target.Append(rune.ToString());
        return length;
    }

    /// <summary>Whether a character may stand in a string.</summary>
    public static bool IsAllowed(int code) =>
        Rune.IsValid(code) && code is not (>= 0xFDD0 and <= 0xFDEF) && (code & 0xFFFE) != 0xFFFE;
}
