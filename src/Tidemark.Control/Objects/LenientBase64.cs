namespace Tidemark.Control.Objects;

/// <summary>
/// Base64 as the reference reads it: only the alphabet's characters, '=' and line breaks may stand there, but nothing need be
/// complete. A group that is not whole is dropped, and '=' counts as zeroes that are not given out at a group's end.
/// </summary>
internal static class LenientBase64
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private const int GroupCharacters = 4;

    /// <summary>The bytes, or null where a character is none of base64's.</summary>
    public static byte[]? Decode(ReadOnlySpan<byte> text)
    {
        var bytes = new List<byte>(text.Length);
        var (group, held, last, beforeLast) = (0, 0, (byte)0, (byte)0);
        foreach (var character in text)
        {
            if (character == '\n')
            {
                continue;
            }
            var value = character == '=' ? 0 : Alphabet.IndexOf((char)character, StringComparison.Ordinal);
            if (value < 0)
            {
                return null;
            }
            (beforeLast, last) = (last, character);
            group = (group << 6) | value;
            if (++held < GroupCharacters)
            {
                continue;
            }
            bytes.Add((byte)(group >> 16));
            if (beforeLast != '=')
            {
                bytes.Add((byte)(group >> 8));
            }
            if (last != '=')
            {
                bytes.Add((byte)group);
            }
            (group, held) = (0, 0);
        }
        return [.. bytes];
    }
}
