namespace Tidemark.Core.Schema;

/// <summary>
/// On a <see cref="Json.JsonObject"/> member: its content follows the definition that the process registers under
/// <paramref name="name"/> in its <see cref="SchemaDefinitions"/> ("BlockdevOptions", put together from the drivers there are).
/// Without such a definition any object passes.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class LateAttribute(string name) : Attribute
{
    /// <summary>Name of the definition.</summary>
    public string Name { get; } = name;
}
