namespace Tidemark.Block.Contract;

/// <summary>What a driver can take in one request; the node cuts and pads accordingly. All in bytes; 0 is "no limit".</summary>
public sealed record BlockLimits
{
    /// <summary>No limit, byte granularity.</summary>
    public static readonly BlockLimits Default = new();

    /// <summary>Offset and length of every read and write are multiples of it; a power of two.</summary>
    public int RequestAlignment { get; init; } = 1;

    /// <summary>Memory addresses are multiples of it; a power of two.</summary>
    public int MemoryAlignment { get; init; } = 1;

    /// <summary>Longest read or write.</summary>
    public int MaxTransfer { get; init; }

    /// <summary>Longest discard.</summary>
    public long MaxDiscard { get; init; }

    /// <summary>Discards work in units of it; parts of a unit are left out. A power of two.</summary>
    public int DiscardAlignment { get; init; } = 1;

    /// <summary>Longest write of zeroes.</summary>
    public long MaxWriteZeroes { get; init; }

    /// <summary>Writes of zeroes work in units of it; parts of a unit are written as data. A power of two.</summary>
    public int WriteZeroesAlignment { get; init; } = 1;

    /// <summary>The best size of a transfer, 0 if there is none.</summary>
    public int OptimalTransfer { get; init; }
}
