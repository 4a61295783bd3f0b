using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Devices;

/// <summary>A property that a model of device takes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="TypeName">How lists of properties call its type.</param>
/// <param name="Default">Its value where none is given; null where it has none then.</param>
/// <param name="Read">Its value from the options; throws <see cref="Core.Errors.BlockException"/>.</param>
internal sealed record DeviceProperty(string Name, string TypeName, JsonValue? Default, Func<ObjectReader, JsonValue> Read)
{
    private const ulong BlockSizeMin = 512;
    private const ulong BlockSizeMax = 2 * 1024 * 1024;

    /// <summary>On or off.</summary>
    public static DeviceProperty Bool(string name, bool value = false) => Of(name, "bool", SchemaCodec.Bool, value);

    /// <summary>A number of 8 bits.</summary>
    public static DeviceProperty UInt8(string name, byte value = 0) => Of(name, "uint8", SchemaCodec.UInt8, value);

    /// <summary>A number of 16 bits.</summary>
    public static DeviceProperty UInt16(string name, ushort value = 0) => Of(name, "uint16", SchemaCodec.UInt16, value);

    /// <summary>A number of 32 bits.</summary>
    public static DeviceProperty UInt32(string name, uint value = 0) => Of(name, "uint32", SchemaCodec.UInt32, value);

    /// <summary>A number of 64 bits.</summary>
    public static DeviceProperty UInt64(string name, ulong value = 0) => Of(name, "uint64", SchemaCodec.UInt64, value);

    /// <summary>A number with a sign.</summary>
    public static DeviceProperty Int32(string name, int? value = null) =>
        Of(name, "int32", SchemaCodec.Int32) with
        {
            Default = value is { } number ? SchemaCodec.Int32.Write(number) : null,
        };

    /// <summary>Bytes, with suffixes.</summary>
    public static DeviceProperty Size(string name, ulong value = 0)
    {
        return Of(name, "size", SchemaCodec.Size, value) with
        {
            Read = options => SchemaCodec.Size.Write(ReadSize(options, name)),
        };
    }

    /// <summary>A text.</summary>
    public static DeviceProperty Text(string name, string type = "str") => Of(name, type, SchemaCodec.String);

    /// <summary>On, off, or as the device sees fit.</summary>
    public static DeviceProperty Switch(string name) => Word(name, OnOffAutoWords.Codec, OnOffAuto.Auto, "OnOffAuto");

    /// <summary>A kind of drive as a controller of floppy disks knows it.</summary>
    public static DeviceProperty FloppyType(string name, string value) =>
        OneOf(name, "FdcDriveType", value, ["144", "288", "120", "none", "auto"]);

    /// <summary>One of <paramref name="words"/>.</summary>
    public static DeviceProperty OneOf(string name, string type, string value, IReadOnlyList<string> words)
    {
        return Text(name, type) with { Default = new JsonString(value), Read = Read };

        JsonValue Read(ObjectReader options)
        {
            var text = options.Required(name, SchemaCodec.String);
            return words.Contains(text, StringComparer.Ordinal)
                ? new JsonString(text)
                : throw Refuse($"Parameter '{name}' does not accept value '{text}'");
        }
    }

    /// <summary>One of the words of an enumeration.</summary>
    public static DeviceProperty Word<T>(string name, SchemaCodec<T> codec, T value, string type) => Of(name, type, codec, value);

    /// <summary>Bytes of a block: a power of two within bounds, or 0 for the device's own choice.</summary>
    public static DeviceProperty BlockSize(string name)
    {
        return Size(name) with { Read = Read };

        JsonValue Read(ObjectReader options)
        {
            var value = ReadSize(options, name);
            var owner = options.Source.GetString("id") ?? "";
            if (value is not 0 and (< BlockSizeMin or > BlockSizeMax))
            {
                throw Refuse(
                    $"Property {owner}.{name} doesn't take value {value} (minimum: {BlockSizeMin}, maximum: {BlockSizeMax})"
                );
            }
            if (value != 0 && !ulong.IsPow2(value))
            {
                throw Refuse($"Property {owner}.{name} doesn't take value '{value}', it's not a power of 2");
            }
            return SchemaCodec.Size.Write(value);
        }
    }

    private static ulong ReadSize(ObjectReader options, string name)
    {
        if (options.Reader.Mode == SchemaMode.Strict)
        {
            return options.Required(name, SchemaCodec.Size);
        }
        try
        {
            return SchemaCodec.Size.Parse(options.Required(name, SchemaCodec.Any), SchemaMode.Lenient);
        }
        catch (BlockException)
        {
            throw Refuse($"Parameter '{name}' expects size");
        }
    }

    private static BlockException Refuse(string text) => new(BlockErrorKind.InvalidOptions, text);

    private static DeviceProperty Of<T>(string name, string type, SchemaCodec<T> codec, T value) =>
        Of(name, type, codec) with
        {
            Default = codec.Write(value),
        };

    private static DeviceProperty Of<T>(string name, string type, SchemaCodec<T> codec) =>
        new(name, type, null, options => codec.Write(options.Required(name, codec)));
}

/// <summary>On, off, or as the device sees fit.</summary>
[Schema]
internal enum OnOffAuto
{
    Auto,
    On,
    Off,
}
