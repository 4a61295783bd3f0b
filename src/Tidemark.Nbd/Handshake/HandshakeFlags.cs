namespace Tidemark.Nbd.Handshake;

/// <summary>What server and client tell each other first (NBD protocol, "Handshake flags", "Client flags"): the same bits both ways.</summary>
[Flags]
internal enum HandshakeFlags : uint
{
    None = 0,

    /// <summary>NBD_FLAG_FIXED_NEWSTYLE, NBD_FLAG_C_FIXED_NEWSTYLE: options are answered.</summary>
    FixedNewstyle = 1 << 0,

    /// <summary>NBD_FLAG_NO_ZEROES, NBD_FLAG_C_NO_ZEROES: without the 124 zeroes after NBD_OPT_EXPORT_NAME.</summary>
    NoZeroes = 1 << 1,
}
