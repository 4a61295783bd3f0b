using System.Globalization;
using Tidemark.Core.Json;

namespace Tidemark.Core.Schema;

/// <summary>Scalars in their three guises: as JSON types, as option strings, or either.</summary>
internal static class SchemaScalars
{
    private const string SizeHint =
        "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\nand exabytes, respectively.";

    public static bool ReadBool(SchemaReader reader, JsonValue value)
    {
        if (value is JsonBool truth && reader.Mode != SchemaMode.Keyval)
        {
            return truth.Value;
        }
        if (reader.Mode == SchemaMode.Strict)
        {
            throw reader.WrongType("boolean");
        }
        return Text(reader, value) switch
        {
            "on" or "yes" or "true" or "y" => true,
            "off" or "no" or "false" or "n" => false,
            _ => throw reader.LocalOrFullExpects("'on' or 'off'"),
        };
    }

    public static long ReadInt64(SchemaReader reader, JsonValue value)
    {
        if (value is JsonNumber number && reader.Mode != SchemaMode.Keyval)
        {
            return number.TryGetInt64(out var integer) ? integer : throw reader.WrongType("integer");
        }
        if (reader.Mode == SchemaMode.Strict)
        {
            throw reader.WrongType("integer");
        }
        var text = Text(reader, value);
        if (!OptionNumbers.TryParse(text, out var magnitude, out var negative, out _))
        {
            throw reader.LocalOrFullExpects(reader.Mode == SchemaMode.Keyval ? "integer" : "a number");
        }
        var fits = negative ? magnitude <= 1UL << 63 : magnitude <= long.MaxValue;
        return fits ? unchecked(negative ? (long)(0 - magnitude) : (long)magnitude) : throw reader.LocalOrFullExpects("integer");
    }

    public static ulong ReadUInt64(SchemaReader reader, JsonValue value, bool isSize)
    {
        if (value is JsonNumber number && reader.Mode != SchemaMode.Keyval)
        {
            if (number.TryGetUInt64(out var unsigned))
            {
                return unsigned;
            }
            // The reference takes negative numbers as they lie in memory; sizes are then refused as too large.
            if (number.TryGetInt64(out var signed) && !(isSize && reader.Mode == SchemaMode.Lenient))
            {
                return unchecked((ulong)signed);
            }
            throw reader.Mode == SchemaMode.Strict ? reader.Expects("uint64") : NoSize(reader, isSize);
        }
        if (reader.Mode == SchemaMode.Strict)
        {
            throw reader.Expects("uint64");
        }
        var text = Text(reader, value);
        if (isSize && reader.Mode == SchemaMode.Lenient)
        {
            return OptionNumbers.TryParseSize(text, out var size, out var tooLarge) ? size
                : tooLarge ? throw OutOfRange(reader, text)
                : throw NoSize(reader, isSize);
        }
        if (!OptionNumbers.TryParse(text, out var magnitude, out var negative, out var beyond))
        {
            throw reader.Mode == SchemaMode.Keyval ? reader.Expects("integer")
            : beyond ? OutOfRange(reader, text)
            : NoSize(reader, isSize);
        }
        return negative ? unchecked(0 - magnitude) : magnitude;
    }

    public static double ReadNumber(SchemaReader reader, JsonValue value)
    {
        if (value is JsonNumber number && reader.Mode != SchemaMode.Keyval)
        {
            return number.ToDouble();
        }
        if (
            reader.Mode != SchemaMode.Strict
            && double.TryParse(Text(reader, value), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed)
            && double.IsFinite(parsed)
        )
        {
            return parsed;
        }
        throw reader.WrongType("number");
    }

    private static string Text(SchemaReader reader, JsonValue value) =>
        value switch
        {
            JsonString text => text.Value,
            JsonNumber or JsonBool when reader.Mode == SchemaMode.Lenient => value.ToJson(),
            _ => throw reader.WrongType("string"),
        };

    private static Errors.BlockException NoSize(SchemaReader reader, bool isSize) =>
        isSize ? reader.LocalExpects("a non-negative number below 2^64", SizeHint) : reader.LocalExpects("a number");

    private static Errors.BlockException OutOfRange(SchemaReader reader, string text) =>
        SchemaReader.Error($"Value '{text}' is out of range for parameter '{reader.LocalName()}'");
}
