using System.Globalization;

namespace Tidemark.Core.Json;

/// <summary>
/// A number in one of three forms, kept apart as the reference keeps them: a signed 64-bit integer, an unsigned one above its
/// range, or a double (written with a point or an exponent, or too large for either).
/// </summary>
public sealed class JsonNumber : JsonValue
{
    private readonly Form form;
    private readonly long bits;

    /// <summary>An integer.</summary>
    public JsonNumber(long value) => (form, bits) = (Form.Signed, value);

    /// <summary>An integer that may lie above 2^63.</summary>
    public JsonNumber(ulong value) =>
        (form, bits) = (value <= long.MaxValue ? Form.Signed : Form.Unsigned, unchecked((long)value));

    /// <summary>A floating-point number.</summary>
    public JsonNumber(double value) => (form, bits) = (Form.Double, BitConverter.DoubleToInt64Bits(value));

    private enum Form : byte
    {
        Signed,
        Unsigned,
        Double,
    }

    /// <inheritdoc/>
    public override JsonKind Kind => JsonKind.Number;

    /// <summary>Whether it is one of the two integer forms; 1e3 is not.</summary>
    public bool IsInteger => form != Form.Double;

    /// <summary>The value as a signed integer, if it is one and fits.</summary>
    public bool TryGetInt64(out long value)
    {
        value = form == Form.Signed ? bits : 0;
        return form == Form.Signed;
    }

    /// <summary>The value as an unsigned integer, if it is one and not negative.</summary>
    public bool TryGetUInt64(out ulong value)
    {
        var fits = form == Form.Unsigned || (form == Form.Signed && bits >= 0);
        value = fits ? unchecked((ulong)bits) : 0;
        return fits;
    }

    /// <summary>The value as a double, rounded if need be.</summary>
    public double ToDouble() =>
        form switch
        {
            Form.Signed => bits,
            Form.Unsigned => unchecked((ulong)bits),
            _ => BitConverter.Int64BitsToDouble(bits),
        };

    /// <inheritdoc/>
    public override JsonValue DeepClone() => this;

    internal bool EqualsNumber(JsonNumber other) =>
        form == Form.Double || other.form == Form.Double
            ? ToDouble().Equals(other.ToDouble())
            : form == other.form && bits == other.bits;

    /// <summary>The number's characters: doubles with 17 significant digits as C's <c>%.17g</c> gives them.</summary>
    internal bool TryFormat(Span<byte> target, out int written)
    {
        if (form == Form.Signed)
        {
            return bits.TryFormat(target, out written, default, CultureInfo.InvariantCulture);
        }
        if (form == Form.Unsigned)
        {
            return unchecked((ulong)bits).TryFormat(target, out written, default, CultureInfo.InvariantCulture);
        }
        var value = BitConverter.Int64BitsToDouble(bits);
        if (!double.IsFinite(value))
        {
            // JSON has no word for infinity, but a number too large reads back as it. (The reference writes "inf", which
            // no parser takes.) Not a number can't be read at all, and nobody computes one.
            var name =
                double.IsNaN(value) ? "0"u8
                : value > 0 ? "1e999"u8
                : "-1e999"u8;
            written = name.Length;
            return name.TryCopyTo(target);
        }
        if (!value.TryFormat(target, out written, "G17", CultureInfo.InvariantCulture))
        {
            return false;
        }
        target[..written].Replace((byte)'E', (byte)'e');
        return true;
    }
}
