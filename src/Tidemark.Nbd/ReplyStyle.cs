namespace Tidemark.Nbd;

/// <summary>The shape of the transmission phase's headers that both sides agreed upon in the handshake.</summary>
public enum ReplyStyle
{
    /// <summary>28-byte requests, 16-byte simple replies.</summary>
    Simple,

    /// <summary>28-byte requests; reads and block status answered by 20-byte chunks (NBD_OPT_STRUCTURED_REPLY).</summary>
    Structured,

    /// <summary>32-byte requests and chunks throughout, 64-bit lengths (NBD_OPT_EXTENDED_HEADERS).</summary>
    Extended,
}
