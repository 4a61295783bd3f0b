using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Core.Schema;

/// <summary>
/// An object whose member <paramref name="discriminator"/> says which further members it has. The branches may be a fixed list, or
/// one that is put together at start-up.
/// </summary>
public sealed class UnionCodec<T>(
    string name,
    string discriminator,
    IReadOnlyList<UnionBranch<T>> branches,
    string? sharedNames = null
) : ObjectCodec<T>
{
    private SchemaType.Members? type;

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override SchemaType Describe(SchemaDefinitions definitions)
    {
        return type ??= new SchemaType.Members(
            name,
            Members,
            discriminator,
            [.. branches.Select(branch => new SchemaVariant(branch.Tag, branch.DescribeWithout(Members)))]
        );
    }

    /// <inheritdoc/>
    public override T ReadMembers(ObjectReader reader)
    {
        var tag = reader.Required(discriminator, SchemaCodec.String);
        foreach (var branch in branches)
        {
            if (branch.Tag == tag)
            {
                return branch.Read(reader);
            }
        }
        reader.Reader.Enter(discriminator);
        throw reader.Reader.NotAccepted(tag);
    }

    /// <inheritdoc/>
    public override void WriteMembers(T value, JsonObject target)
    {
        foreach (var branch in branches)
        {
            if (branch.Matches(value))
            {
                target[discriminator] = branch.Tag;
                branch.Write(value, target);
                return;
            }
        }
        throw Invariant.Unreachable("every derived record is a branch");
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<SchemaMember> ListMembers()
    {
        var tags = new TagCodec(name + "Tag", [.. branches.Select(branch => branch.Tag)]);
        return [new SchemaMember(discriminator, tags, IsOptional: false), .. SharedMembers()];
    }

    /// <summary>What all branches have; with a single one nothing but the declaration tells that apart from what is its own.</summary>
    private IEnumerable<SchemaMember> SharedMembers()
    {
        var first = branches.Count == 0 ? [] : branches[0].Members;
        if (branches.Count == 1)
        {
            var names = sharedNames?.Split(',') ?? [];
            return first.Where(member => names.Contains(member.Name, StringComparer.Ordinal));
        }
        return first.Where(member =>
            branches.All(branch =>
                branch.Members.Any(other =>
                    other.Name == member.Name
                    && other.IsOptional == member.IsOptional
                    && ReferenceEquals(other.Codec, member.Codec)
                )
            )
        );
    }
}
