namespace Tidemark.Block.Contract;

/// <summary>What is known of a run of a node.</summary>
[Flags]
public enum BlockStatusFlags
{
    /// <summary>Nothing is known, or it is not in this layer.</summary>
    None = 0,

    /// <summary>The run has data behind it.</summary>
    Data = 1,

    /// <summary>The run reads as zeroes.</summary>
    Zero = 2,

    /// <summary><see cref="BlockStatus.HostOffset"/> and <see cref="BlockStatus.File"/> say where the bytes lie as they are.</summary>
    OffsetValid = 4,

    /// <summary>This layer, not its backing file, determines the content.</summary>
    Allocated = 8,

    /// <summary>The run ends at the end of the node.</summary>
    Eof = 16,

    /// <summary>Compressed: a host offset would be no use.</summary>
    Compressed = 32,

    /// <summary>Ask <see cref="BlockStatus.File"/> at <see cref="BlockStatus.HostOffset"/> instead; only between driver and node.</summary>
    Raw = 64,

    /// <summary>The file below may know that data is zero; only between driver and node.</summary>
    Recurse = 128,
}
