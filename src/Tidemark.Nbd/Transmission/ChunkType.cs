namespace Tidemark.Nbd.Transmission;

/// <summary>Kinds of reply chunk (NBD protocol, "Structured reply types"). Bit 15 marks errors.</summary>
internal enum ChunkType : ushort
{
    None = 0,
    OffsetData = 1,
    OffsetHole = 2,
    BlockStatus = 5,
    BlockStatusExtended = 6,

    /// <summary>Set in every error.</summary>
    ErrorBit = 1 << 15,

    Error = ErrorBit + 1,
    ErrorOffset = ErrorBit + 2,
}
