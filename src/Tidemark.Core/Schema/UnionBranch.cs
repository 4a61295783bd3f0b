using Tidemark.Core.Json;

namespace Tidemark.Core.Schema;

/// <summary>What a union is when its discriminator says <paramref name="tag"/>.</summary>
public abstract class UnionBranch<T>(string tag)
{
    /// <summary>The discriminator's value.</summary>
    public string Tag { get; } = tag;

    /// <summary>The branch's members, those that all branches have among them.</summary>
    public abstract IReadOnlyList<SchemaMember> Members { get; }

    /// <summary>Reads the branch's members.</summary>
    public abstract T Read(ObjectReader reader);

    /// <summary>Whether <paramref name="value"/> is of this branch.</summary>
    public abstract bool Matches(T value);

    /// <summary>Adds the branch's members to <paramref name="target"/>.</summary>
    public abstract void Write(T value, JsonObject target);

    /// <summary>The branch's own members as a type.</summary>
    internal SchemaType.Members DescribeWithout(IReadOnlyList<SchemaMember> shared) =>
        new(Tag, [.. Members.Where(member => !shared.Any(other => other.Name == member.Name))]);
}

/// <summary>A branch that is the record <typeparamref name="TBranch"/>.</summary>
public sealed class UnionBranch<T, TBranch>(string tag, ObjectCodec<TBranch> codec) : UnionBranch<T>(tag)
    where TBranch : class, T
{
    /// <inheritdoc/>
    public override IReadOnlyList<SchemaMember> Members => codec.Members;

    /// <inheritdoc/>
    public override T Read(ObjectReader reader) => codec.ReadMembers(reader);

    /// <inheritdoc/>
    public override bool Matches(T value) => value is TBranch;

    /// <inheritdoc/>
    public override void Write(T value, JsonObject target)
    {
        if (value is TBranch mine)
        {
            codec.WriteMembers(mine, target);
        }
    }
}
