using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Commands.Job;

/// <summary>BlockJobInfo: what every block job tells, and, told apart by its type, what a mirror tells beside that.</summary>
internal sealed class BlockJobInfoCodec : SchemaCodec<QueryBlockJobs.Entry>
{
    private static readonly ObjectCodec<QueryBlockJobs.Entry> Flat = QueryBlockJobs.Entry.Codec;

    private SchemaType? type;

    /// <inheritdoc/>
    public override JsonKind WireKind => JsonKind.Object;

    /// <inheritdoc/>
    public override QueryBlockJobs.Entry Read(SchemaReader reader, JsonValue value) => Flat.Read(reader, value);

    /// <inheritdoc/>
    public override JsonValue Write(QueryBlockJobs.Entry value) => Flat.Write(value);

    /// <inheritdoc/>
    public override SchemaType Describe(SchemaDefinitions definitions)
    {
        return type ??= new SchemaType.Members(
            Flat.Name,
            [.. Flat.Members.Where(static member => !IsMirrors(member))],
            "type",
            [.. JobKindWords.Codec.Words.Select(static kind => new SchemaVariant(kind, DescribeKind(kind)))]
        );
    }

    private static SchemaType.Members DescribeKind(string kind) =>
        kind == "mirror"
            ? new(
                "BlockJobInfoMirror",
                [.. Flat.Members.Where(IsMirrors).Select(static member => member with { IsOptional = false })]
            )
            : new(kind, []);

    private static bool IsMirrors(SchemaMember member) => member.Name == "actively-synced";
}
