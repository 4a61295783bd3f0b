namespace Tidemark.Io.Contract;

/// <summary>Which of the two internet protocols an address may be of.</summary>
public enum InetFamily
{
    /// <summary>Either.</summary>
    Any,

    /// <summary>Version 4 only.</summary>
    V4,

    /// <summary>Version 6 only.</summary>
    V6,
}
