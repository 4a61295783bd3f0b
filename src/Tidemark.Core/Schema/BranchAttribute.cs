namespace Tidemark.Core.Schema;

/// <summary>The record is the branch of its base record's union that the discriminator's value <paramref name="tag"/> chooses.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class BranchAttribute(string tag) : Attribute
{
    /// <summary>The discriminator's value on the wire.</summary>
    public string Tag { get; } = tag;
}
