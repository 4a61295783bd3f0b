namespace Tidemark.Nbd.Handshake;

/// <summary>How a server answers an option (NBD protocol, "Option reply types"). Bit 31 means refused.</summary>
internal enum OptionReplyType : uint
{
    Ack = 1,
    Server = 2,
    Info = 3,
    MetaContext = 4,

    /// <summary>Set in every error.</summary>
    ErrorBit = 1u << 31,

    ErrUnsupported = ErrorBit + 1,
    ErrPolicy = ErrorBit + 2,
    ErrInvalid = ErrorBit + 3,
    ErrPlatform = ErrorBit + 4,
    ErrTlsRequired = ErrorBit + 5,
    ErrUnknown = ErrorBit + 6,
    ErrShutdown = ErrorBit + 7,
    ErrBlockSizeRequired = ErrorBit + 8,
    ErrTooBig = ErrorBit + 9,
    ErrExtendedHeadersRequired = ErrorBit + 10,
}
