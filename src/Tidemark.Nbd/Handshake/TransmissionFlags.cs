namespace Tidemark.Nbd.Handshake;

/// <summary>What an export can do (NBD protocol, "Transmission flags").</summary>
[Flags]
public enum TransmissionFlags
{
    /// <summary>Nothing said.</summary>
    None = 0,

    /// <summary>NBD_FLAG_HAS_FLAGS: always set.</summary>
    HasFlags = 1 << 0,

    /// <summary>NBD_FLAG_READ_ONLY: every write is refused.</summary>
    ReadOnly = 1 << 1,

    /// <summary>NBD_FLAG_SEND_FLUSH: NBD_CMD_FLUSH works.</summary>
    Flush = 1 << 2,

    /// <summary>NBD_FLAG_SEND_FUA: NBD_CMD_FLAG_FUA works.</summary>
    Fua = 1 << 3,

    /// <summary>NBD_FLAG_ROTATIONAL: a spinning disk.</summary>
    Rotational = 1 << 4,

    /// <summary>NBD_FLAG_SEND_TRIM: NBD_CMD_TRIM works.</summary>
    Trim = 1 << 5,

    /// <summary>NBD_FLAG_SEND_WRITE_ZEROES: NBD_CMD_WRITE_ZEROES and NBD_CMD_FLAG_NO_HOLE work.</summary>
    WriteZeroes = 1 << 6,

    /// <summary>NBD_FLAG_SEND_DF: NBD_CMD_FLAG_DF works; only with structured or extended replies.</summary>
    DontFragment = 1 << 7,

    /// <summary>NBD_FLAG_CAN_MULTI_CONN: what one connection flushed, all see.</summary>
    MultiConnection = 1 << 8,

    /// <summary>NBD_FLAG_SEND_CACHE: NBD_CMD_CACHE works.</summary>
    Cache = 1 << 10,

    /// <summary>NBD_FLAG_SEND_FAST_ZERO: NBD_CMD_FLAG_FAST_ZERO works.</summary>
    FastZero = 1 << 11,

    /// <summary>NBD_FLAG_BLOCK_STATUS_PAYLOAD: a block status request may name the contexts it wants; only with extended headers.</summary>
    BlockStatusPayload = 1 << 12,
}
