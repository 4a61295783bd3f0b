namespace Tidemark.Core.Json;

/// <summary>The six kinds of JSON value.</summary>
public enum JsonKind
{
    /// <summary>null</summary>
    Null,

    /// <summary>true or false</summary>
    Bool,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A string.</summary>
    String,

    /// <summary>A list.</summary>
    Array,

    /// <summary>Members by name.</summary>
    Object,
}
