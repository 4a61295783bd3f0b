using Tidemark.Core.Json;

namespace Tidemark.Core.Schema;

/// <summary>An object of <typeparamref name="T"/>; the generator derives from it for every record of the schema.</summary>
public abstract class ObjectCodec<T> : SchemaCodec<T>, IMemberCodec
{
    private SchemaType.Members? type;
    private IReadOnlyList<SchemaMember>? members;

    /// <summary>The type's name in messages and descriptions.</summary>
    public abstract string Name { get; }

    /// <summary>Its members, in the order in which they are read.</summary>
    public IReadOnlyList<SchemaMember> Members => members ??= ListMembers();

    /// <inheritdoc/>
    public override JsonKind WireKind => JsonKind.Object;

    /// <inheritdoc/>
    public override SchemaType Describe(SchemaDefinitions definitions) => type ??= new SchemaType.Members(Name, Members);

    /// <inheritdoc/>
    public override T Read(SchemaReader reader, JsonValue value)
    {
        var open = reader.Open(value);
        var result = ReadMembers(open);
        open.Close();
        return result;
    }

    /// <inheritdoc/>
    public override JsonObject Write(T value)
    {
        var target = new JsonObject();
        WriteMembers(value, target);
        return target;
    }

    /// <inheritdoc/>
    public void CheckMembers(ObjectReader reader) => _ = ReadMembers(reader);

    /// <inheritdoc/>
    public JsonObject Rewrite(ObjectReader reader) => Write(ReadMembers(reader));

    /// <summary>Reads this type's members from an object that others may read from too.</summary>
    public abstract T ReadMembers(ObjectReader reader);

    /// <summary>Adds this type's members to <paramref name="target"/>.</summary>
    public abstract void WriteMembers(T value, JsonObject target);

    /// <summary>Makes the list behind <see cref="Members"/>.</summary>
    protected abstract IReadOnlyList<SchemaMember> ListMembers();
}
