using Tidemark.Core.Json;

namespace Tidemark.Core.Schema;

public partial class SchemaCodec
{
    private static readonly SchemaType.Builtin Int = new("int", "int");

    /// <summary>A string.</summary>
    public static SchemaCodec<string> String { get; } = new StringCodec();

    /// <summary>True or false; "on" and "off" and their like in option strings.</summary>
    public static SchemaCodec<bool> Bool { get; } = new BoolCodec();

    /// <summary>A signed byte.</summary>
    public static SchemaCodec<sbyte> Int8 { get; } = new SignedCodec<sbyte>("int8_t");

    /// <summary>A signed 16-bit integer.</summary>
    public static SchemaCodec<short> Int16 { get; } = new SignedCodec<short>("int16_t");

    /// <summary>A signed 32-bit integer.</summary>
    public static SchemaCodec<int> Int32 { get; } = new SignedCodec<int>("int32_t");

    /// <summary>A signed 64-bit integer.</summary>
    public static SchemaCodec<long> Int64 { get; } = new SignedCodec<long>("int64");

    /// <summary>A byte.</summary>
    public static SchemaCodec<byte> UInt8 { get; } = new UnsignedCodec<byte>("uint8_t", false);

    /// <summary>An unsigned 16-bit integer.</summary>
    public static SchemaCodec<ushort> UInt16 { get; } = new UnsignedCodec<ushort>("uint16_t", false);

    /// <summary>An unsigned 32-bit integer.</summary>
    public static SchemaCodec<uint> UInt32 { get; } = new UnsignedCodec<uint>("uint32_t", false);

    /// <summary>An unsigned 64-bit integer. As with the reference a negative one on the wire stands for 2^64 less.</summary>
    public static SchemaCodec<ulong> UInt64 { get; } = new UnsignedCodec<ulong>("uint64", false);

    /// <summary>A number of bytes, with suffixes in block options.</summary>
    public static SchemaCodec<ulong> Size { get; } = new UnsignedCodec<ulong>("uint64", true);

    /// <summary>A number of bytes as a signed 64-bit integer on the wire, and below 2^63, with suffixes, in block options.</summary>
    public static SchemaCodec<long> LongSize { get; } = new LongSizeCodec();

    /// <summary>Any number.</summary>
    public static SchemaCodec<double> Number { get; } = new NumberCodec();

    /// <summary>Any value at all.</summary>
    public static SchemaCodec<JsonValue> Any { get; } = new AnyCodec();

    /// <summary>null.</summary>
    public static SchemaCodec<JsonNull> Null { get; } = new NullCodec();

    /// <summary>A list of <paramref name="element"/>.</summary>
    public static SchemaCodec<IReadOnlyList<T>> List<T>(SchemaCodec<T> element) => new ListCodec<T>(element);

    /// <summary>An object that follows the definition registered as <paramref name="name"/>.</summary>
    public static SchemaCodec<JsonObject> Late(string name) => new LateCodec(name);

    private sealed class StringCodec : SchemaCodec<string>
    {
        private static readonly SchemaType Type = new SchemaType.Builtin("str", "string");

        public override JsonKind WireKind => JsonKind.String;

        public override SchemaType Describe(SchemaDefinitions definitions) => Type;

        public override string Read(SchemaReader reader, JsonValue value) =>
            (value as JsonString)?.Value ?? throw reader.WrongType("string");

        public override JsonValue Write(string value) => new JsonString(value);
    }

    private sealed class NumberCodec : SchemaCodec<double>
    {
        private static readonly SchemaType Type = new SchemaType.Builtin("number", "number");

        public override JsonKind WireKind => JsonKind.Number;

        public override SchemaType Describe(SchemaDefinitions definitions) => Type;

        public override double Read(SchemaReader reader, JsonValue value) => SchemaScalars.ReadNumber(reader, value);

        public override JsonValue Write(double value) => new JsonNumber(value);
    }

    private sealed class BoolCodec : SchemaCodec<bool>
    {
        private static readonly SchemaType Type = new SchemaType.Builtin("bool", "boolean");

        public override JsonKind WireKind => JsonKind.Bool;

        public override SchemaType Describe(SchemaDefinitions definitions) => Type;

        public override bool Read(SchemaReader reader, JsonValue value) => SchemaScalars.ReadBool(reader, value);

        public override JsonValue Write(bool value) => JsonBool.Of(value);
    }

    private sealed class AnyCodec : SchemaCodec<JsonValue>
    {
        private static readonly SchemaType Type = new SchemaType.Builtin("any", "value");

        public override JsonKind WireKind => JsonKind.Object;

        public override bool AcceptsNull => true;

        public override SchemaType Describe(SchemaDefinitions definitions) => Type;

        public override JsonValue Read(SchemaReader reader, JsonValue value) => value;

        public override JsonValue Write(JsonValue value) => value;
    }

    private sealed class NullCodec : SchemaCodec<JsonNull>
    {
        private static readonly SchemaType Type = new SchemaType.Builtin("null", "null");

        public override JsonKind WireKind => JsonKind.Null;

        public override SchemaType Describe(SchemaDefinitions definitions) => Type;

        public override JsonNull Read(SchemaReader reader, JsonValue value) =>
            value as JsonNull ?? throw reader.WrongType("null");

        public override JsonValue Write(JsonNull value) => value;
    }

    private sealed class SignedCodec<T>(string name) : SchemaCodec<T>
        where T : struct, System.Numerics.IBinaryInteger<T>, System.Numerics.IMinMaxValue<T>
    {
        public override JsonKind WireKind => JsonKind.Number;

        public override SchemaType Describe(SchemaDefinitions definitions) => Int;

        public override T Read(SchemaReader reader, JsonValue value)
        {
            var wide = SchemaScalars.ReadInt64(reader, value);
            var narrow = T.CreateTruncating(wide);
            return long.CreateTruncating(narrow) == wide ? narrow : throw reader.LocalExpects(name);
        }

        public override JsonValue Write(T value) => new JsonNumber(long.CreateTruncating(value));
    }

    private sealed class UnsignedCodec<T>(string name, bool isSize) : SchemaCodec<T>
        where T : struct, System.Numerics.IBinaryInteger<T>, System.Numerics.IMinMaxValue<T>
    {
        public override JsonKind WireKind => JsonKind.Number;

        public override SchemaType Describe(SchemaDefinitions definitions) => Int;

        public override T Read(SchemaReader reader, JsonValue value)
        {
            var wide = SchemaScalars.ReadUInt64(reader, value, isSize);
            return wide <= ulong.CreateTruncating(T.MaxValue) ? T.CreateTruncating(wide) : throw reader.LocalExpects(name);
        }

        public override JsonValue Write(T value) => new JsonNumber(ulong.CreateTruncating(value));
    }

    private sealed class LongSizeCodec : SchemaCodec<long>
    {
        public override JsonKind WireKind => JsonKind.Number;

        public override SchemaType Describe(SchemaDefinitions definitions) => Int;

        public override long Read(SchemaReader reader, JsonValue value)
        {
            if (value is not JsonString || reader.Mode == SchemaMode.Strict)
            {
                return SchemaScalars.ReadInt64(reader, value);
            }
            var wide = SchemaScalars.ReadUInt64(reader, value, isSize: true);
            return wide <= long.MaxValue ? (long)wide : throw reader.LocalExpects("a size below 2^63");
        }

        public override JsonValue Write(long value) => new JsonNumber(value);
    }

    private sealed class ListCodec<T>(SchemaCodec<T> element) : SchemaCodec<IReadOnlyList<T>>
    {
        public override JsonKind WireKind => JsonKind.Array;

        public override SchemaType Describe(SchemaDefinitions definitions) => new SchemaType.List(element);

        public override IReadOnlyList<T> Read(SchemaReader reader, JsonValue value) => reader.ReadList(value, element);

        public override JsonValue Write(IReadOnlyList<T> value) => new JsonArray(value.Select(element.Write));
    }

    private sealed class LateCodec(string name) : SchemaCodec<JsonObject>
    {
        public override JsonKind WireKind => JsonKind.Object;

        public override SchemaType Describe(SchemaDefinitions definitions) =>
            definitions.Find(name)?.Describe(definitions) ?? new SchemaType.Members(name, []);

        public override JsonObject Read(SchemaReader reader, JsonValue value)
        {
            var members = value as JsonObject ?? throw reader.WrongType("object");
            return reader.Definitions?.Find(name)?.ReadUntyped(reader, members) as JsonObject ?? members;
        }

        public override JsonValue Write(JsonObject value) => value;
    }
}
