namespace Tidemark.Core.Schema;

/// <summary>Where a value comes from, which decides what its scalars may look like and how errors name them.</summary>
public enum SchemaMode
{
    /// <summary>The wire: JSON types exactly. Names in errors: <c>actions[0].data.node</c>.</summary>
    Strict,

    /// <summary>A <c>key=value,…</c> option: scalars are strings. Names in errors: <c>children.0.driver</c>.</summary>
    Keyval,

    /// <summary>
    /// Block options of command lines and <c>json:</c> names: either form, sizes with suffixes. Errors name the member alone.
    /// </summary>
    Lenient,
}
