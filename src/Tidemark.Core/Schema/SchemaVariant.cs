namespace Tidemark.Core.Schema;

/// <summary>The further members of a union for one value of its tag.</summary>
public sealed record SchemaVariant(string Tag, SchemaType.Members Type);
