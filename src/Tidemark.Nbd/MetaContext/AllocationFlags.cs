namespace Tidemark.Nbd.MetaContext;

/// <summary>Status in the context base:allocation (NBD protocol, "base:allocation metadata context").</summary>
[Flags]
public enum AllocationFlags : uint
{
    /// <summary>Allocated, content unknown.</summary>
    Data = 0,

    /// <summary>NBD_STATE_HOLE: not allocated.</summary>
    Hole = 1 << 0,

    /// <summary>NBD_STATE_ZERO: reads as zeroes.</summary>
    Zero = 1 << 1,
}
