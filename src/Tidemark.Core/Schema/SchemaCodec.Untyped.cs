using Tidemark.Core.Json;

namespace Tidemark.Core.Schema;

public partial class SchemaCodec
{
    /// <summary>Reads a value of a type that the caller does not know: the arguments of a command made from a definition.</summary>
    public abstract object ReadUntyped(SchemaReader reader, JsonValue value);

    /// <summary>The same type for code that does not know it. What it reads can't be written.</summary>
    public static SchemaCodec<object> Untyped(SchemaCodec codec) => new UntypedCodec(codec);

    private sealed class UntypedCodec(SchemaCodec inner) : SchemaCodec<object>
    {
        public override JsonKind WireKind => inner.WireKind;

        public override SchemaType Describe(SchemaDefinitions definitions) => inner.Describe(definitions);

        public override object Read(SchemaReader reader, JsonValue value) => inner.ReadUntyped(reader, value);

        public override JsonValue Write(object value) =>
            throw Errors.Invariant.Unreachable("what is read without its type is not written");
    }
}
