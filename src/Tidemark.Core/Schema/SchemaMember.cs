namespace Tidemark.Core.Schema;

/// <summary>A member of an object.</summary>
/// <param name="Name">On the wire.</param>
/// <param name="Codec">Its type.</param>
/// <param name="IsOptional">Whether it may be left out.</param>
public sealed record SchemaMember(string Name, SchemaCodec Codec, bool IsOptional);
