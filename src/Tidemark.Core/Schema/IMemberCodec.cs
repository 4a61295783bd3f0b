namespace Tidemark.Core.Schema;

/// <summary>An object's type, whatever C# type it is read into: what unions that are put together at start-up are made of.</summary>
public interface IMemberCodec
{
    /// <summary>Its members, in the order in which they are read.</summary>
    IReadOnlyList<SchemaMember> Members { get; }

    /// <summary>Checks its members in an object that others may read from too.</summary>
    void CheckMembers(ObjectReader reader);

    /// <summary>Checks its members likewise, and gives them in their wire's types, defaults included.</summary>
    Json.JsonObject Rewrite(ObjectReader reader);
}
