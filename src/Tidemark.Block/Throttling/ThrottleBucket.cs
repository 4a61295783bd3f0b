namespace Tidemark.Block.Throttling;

/// <summary>What a throttle group can bound: bytes or requests a second, of reads, of writes, or of both together.</summary>
public enum ThrottleBucket
{
    /// <summary>Bytes of all requests.</summary>
    BpsTotal,

    /// <summary>Bytes of reads.</summary>
    BpsRead,

    /// <summary>Bytes of writes.</summary>
    BpsWrite,

    /// <summary>All requests.</summary>
    IopsTotal,

    /// <summary>Reads.</summary>
    IopsRead,

    /// <summary>Writes.</summary>
    IopsWrite,
}
