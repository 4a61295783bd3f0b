namespace Tidemark.Block.Contract;

/// <summary>How much is allocated ahead when an image is made or grown.</summary>
public enum PreallocationMode
{
    /// <summary>Nothing.</summary>
    Off,

    /// <summary>The tables of the format.</summary>
    Metadata,

    /// <summary>Space is reserved, not written.</summary>
    Falloc,

    /// <summary>Space is written with zeroes.</summary>
    Full,
}
