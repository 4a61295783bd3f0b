namespace Tidemark.Core.Schema;

/// <summary>Description of a type, as <c>query-qmp-schema</c> tells it. Two types are the same if they are the same object.</summary>
public abstract record SchemaType
{
    private protected SchemaType() { }

    /// <summary>A built-in type.</summary>
    /// <param name="Name">Its name: str, int, number, bool, null, any.</param>
    /// <param name="JsonType">Its kind of JSON value: string, int, number, boolean, null, value.</param>
    public sealed record Builtin(string Name, string JsonType) : SchemaType;

    /// <summary>One of several words.</summary>
    public sealed record Enumeration(string Name, IReadOnlyList<string> Values) : SchemaType
    {
        /// <inheritdoc/>
        public bool Equals(Enumeration? other) => ReferenceEquals(this, other);

        /// <inheritdoc/>
        public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
    }

    /// <summary>A list.</summary>
    public sealed record List(SchemaCodec Element) : SchemaType;

    /// <summary>An object; with <paramref name="Tag"/> a union, whose further members depend on that member's value.</summary>
    public sealed record Members(
        string Name,
        IReadOnlyList<SchemaMember> Common,
        string? Tag = null,
        IReadOnlyList<SchemaVariant>? Variants = null
    ) : SchemaType
    {
        /// <inheritdoc/>
        public bool Equals(Members? other) => ReferenceEquals(this, other);

        /// <inheritdoc/>
        public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
    }

    /// <summary>One of several types, told apart by the kind of JSON value.</summary>
    public sealed record Alternative(string Name, IReadOnlyList<SchemaCodec> Choices) : SchemaType
    {
        /// <inheritdoc/>
        public bool Equals(Alternative? other) => ReferenceEquals(this, other);

        /// <inheritdoc/>
        public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
    }
}
