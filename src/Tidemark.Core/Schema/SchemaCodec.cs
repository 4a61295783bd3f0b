using Tidemark.Core.Json;

namespace Tidemark.Core.Schema;

/// <summary>Reader, writer and description of one type of the schema. Immutable, usable from any thread.</summary>
public abstract partial class SchemaCodec
{
    private protected SchemaCodec() { }

    /// <summary>What <c>query-qmp-schema</c> tells of it.</summary>
    public abstract SchemaType Describe(SchemaDefinitions definitions);

    /// <summary>The kinds of JSON value that it takes on the wire; alternates choose by it.</summary>
    public abstract JsonKind WireKind { get; }

    /// <summary>Whether null is one of its values.</summary>
    public virtual bool AcceptsNull => WireKind == JsonKind.Null;

    /// <summary>Checks that <paramref name="value"/> is of this type; throws as reading does.</summary>
    public abstract void Check(SchemaReader reader, JsonValue value);
}

/// <summary>Reader, writer and description of <typeparamref name="T"/>.</summary>
public abstract class SchemaCodec<T> : SchemaCodec
{
    /// <summary>
    /// Reads a value of the type. Throws <see cref="Errors.BlockException"/> of kind InvalidOptions, with the reference's text,
    /// when <paramref name="value"/> is not one.
    /// </summary>
    public abstract T Read(SchemaReader reader, JsonValue value);

    /// <summary>The value as it goes on the wire.</summary>
    public abstract JsonValue Write(T value);

    /// <inheritdoc/>
    public override void Check(SchemaReader reader, JsonValue value) => _ = Read(reader, value);

    /// <inheritdoc/>
    public sealed override object ReadUntyped(SchemaReader reader, JsonValue value) =>
        Read(reader, value) ?? throw Errors.Invariant.Unreachable("null is never what a value is read as");

    /// <summary>Reads a whole value on its own: the arguments of a command, the options of an object.</summary>
    public T Parse(JsonValue value, SchemaMode mode = SchemaMode.Strict, SchemaDefinitions? definitions = null) =>
        Read(new SchemaReader(mode, definitions), value);
}
