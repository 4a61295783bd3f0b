using System.Text;

namespace Tidemark.Nbd.Wire;

/// <summary>Strings as they lie on the wire (NBD protocol, "Conventions"): UTF-8, at most 4096 bytes, without NUL.</summary>
internal static class WireText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether the bytes could be a name: neither too long nor with a NUL in them.</summary>
    public static bool IsName(ReadOnlySpan<byte> bytes) => bytes.Length <= Limits.MaxStringBytes && !bytes.Contains((byte)0);

    /// <summary>The text, or null if it isn't UTF-8.</summary>
    public static string? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>For messages to people: what isn't printable, or not UTF-8, is replaced, and what is too long is cut.</summary>
    public static string ForPeople(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, Limits.MaxStringBytes)]);
        return string.Create(
            text.Length,
            text,
            static (target, source) =>
            {
                for (var i = 0; i < target.Length; i++)
                {
                    target[i] = char.IsControl(source[i]) ? '?' : source[i];
                }
            }
        );
    }
}
