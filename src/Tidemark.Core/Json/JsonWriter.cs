using System.Buffers;
using System.Text;

namespace Tidemark.Core.Json;

/// <summary>
/// Writes values as the reference does: ASCII only, a space after each colon and comma; in pretty mode a member or element a
/// line, four spaces a level, and an empty object or array over two lines.
/// </summary>
public static class JsonWriter
{
    /// <summary>Stands for what the parser would not take back: halves of surrogate pairs, noncharacters.</summary>
    private const char Replacement = '\uFFFD';

    private const string HexDigits = "0123456789ABCDEF";

    /// <summary>Appends <paramref name="value"/> to <paramref name="target"/>, without a line end.</summary>
    public static void Write(IBufferWriter<byte> target, JsonValue value, bool pretty = false) =>
        WriteValue(target, value, pretty ? 0 : -1);

    /// <summary>Writes at <paramref name="level"/> of indentation, or on one line when it is negative.</summary>
    private static void WriteValue(IBufferWriter<byte> target, JsonValue value, int level)
    {
        switch (value)
        {
            case JsonNull:
                target.Write("null"u8);
                break;
            case JsonBool { Value: var truth }:
                target.Write(truth ? "true"u8 : "false"u8);
                break;
            case JsonNumber number:
                WriteNumber(target, number);
                break;
            case JsonString text:
                WriteString(target, text.Value);
                break;
            case JsonArray array:
                WriteArray(target, array, level);
                break;
            case JsonObject members:
                WriteObject(target, members, level);
                break;
        }
    }

    private static void WriteObject(IBufferWriter<byte> target, JsonObject members, int level)
    {
        target.Write("{"u8);
        var inner = level < 0 ? level : level + 1;
        var first = true;
        foreach (var (name, value) in members)
        {
            Separate(target, ref first, inner);
            WriteString(target, name);
            target.Write(": "u8);
            WriteValue(target, value, inner);
        }
        NewLine(target, level);
        target.Write("}"u8);
    }

    private static void WriteArray(IBufferWriter<byte> target, JsonArray array, int level)
    {
        target.Write("["u8);
        var inner = level < 0 ? level : level + 1;
        var first = true;
        foreach (var value in array)
        {
            Separate(target, ref first, inner);
            WriteValue(target, value, inner);
        }
        NewLine(target, level);
        target.Write("]"u8);
    }

    private static void Separate(IBufferWriter<byte> target, ref bool first, int level)
    {
        if (!first)
        {
            target.Write(level < 0 ? ", "u8 : ","u8);
        }
        first = false;
        NewLine(target, level);
    }

    private static void NewLine(IBufferWriter<byte> target, int level)
    {
        if (level < 0)
        {
            return;
        }
        var line = target.GetSpan(1 + (4 * level));
        line[0] = (byte)'\n';
        line.Slice(1, 4 * level).Fill((byte)' ');
        target.Advance(1 + (4 * level));
    }

    private static void WriteNumber(IBufferWriter<byte> target, JsonNumber number)
    {
        _ = number.TryFormat(target.GetSpan(40), out var written);
        target.Advance(written);
    }

    private static void WriteString(IBufferWriter<byte> target, string text)
    {
        // No character takes more than the six bytes of \uXXXX.
        const int chunk = 1024;
        target.Write("\""u8);
        for (var start = 0; start < text.Length; )
        {
            var count = Math.Min(chunk, text.Length - start);
            if (count > 1 && char.IsHighSurrogate(text[start + count - 1]))
            {
                count--;
            }
            var part = text.AsSpan(start, count);
            var span = target.GetSpan(count * 6);
            var length = 0;
            while (!part.IsEmpty)
            {
                _ = Rune.DecodeFromUtf16(part, out var rune, out var taken);
                var isAllowed = JsonText.IsAllowed(rune.Value);
                if (taken == 2 && isAllowed)
                {
                    length += WriteCharacter(span[length..], part[0]);
                    length += WriteCharacter(span[length..], part[1]);
                }
                else
                {
                    // Half a pair has been decoded as the replacement character already.
                    length += WriteCharacter(span[length..], isAllowed ? (char)rune.Value : Replacement);
                }
                part = part[taken..];
            }
            target.Advance(length);
            start += count;
        }
        target.Write("\""u8);
    }

    private static int WriteCharacter(Span<byte> target, char c)
    {
        var letter = c switch
        {
            '"' => '"',
            '\\' => '\\',
            '\b' => 'b',
            '\f' => 'f',
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            _ => '\0',
        };
        if (letter != '\0')
        {
            target[0] = (byte)'\\';
            target[1] = (byte)letter;
            return 2;
        }
        if (c is >= ' ' and < '\x7f')
        {
            target[0] = (byte)c;
            return 1;
        }
        target[0] = (byte)'\\';
        target[1] = (byte)'u';
        for (var digit = 0; digit < 4; digit++)
        {
            target[2 + digit] = (byte)HexDigits[(c >> (12 - (4 * digit))) & 0xF];
        }
        return 6;
    }
}
