namespace Tidemark.Nbd.Transmission;

/// <summary>How a request is to be done (NBD protocol, "Command flags").</summary>
[Flags]
public enum CommandFlags : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>NBD_CMD_FLAG_FUA: reply when it is durable.</summary>
    Fua = 1 << 0,

    /// <summary>NBD_CMD_FLAG_NO_HOLE: zeroes must be allocated.</summary>
    NoHole = 1 << 1,

    /// <summary>NBD_CMD_FLAG_DF: one content chunk.</summary>
    DontFragment = 1 << 2,

    /// <summary>NBD_CMD_FLAG_REQ_ONE: one extent for each context, no longer than asked for.</summary>
    RequestOne = 1 << 3,

    /// <summary>NBD_CMD_FLAG_FAST_ZERO: fail rather than write zeroes slowly.</summary>
    FastZero = 1 << 4,

    /// <summary>NBD_CMD_FLAG_PAYLOAD_LEN: the length counts data that follows. Extended headers only.</summary>
    PayloadLength = 1 << 5,
}
