namespace Tidemark.Core.Schema;

/// <summary>Gives a member or an enum's value a wire name other than its C# name in kebab case.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property | AttributeTargets.Field)]
public sealed class WireAttribute(string name) : Attribute
{
    /// <summary>The name on the wire.</summary>
    public string Name { get; } = name;

    /// <summary>The member is read behind all others, which decides what an error tells first when several are missing.</summary>
    public bool ReadLast { get; init; }
}
