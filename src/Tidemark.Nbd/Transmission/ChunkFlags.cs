namespace Tidemark.Nbd.Transmission;

/// <summary>Flags of a reply chunk (NBD protocol, "Structured reply flags").</summary>
[Flags]
internal enum ChunkFlags : ushort
{
    None = 0,

    /// <summary>NBD_REPLY_FLAG_DONE: the last chunk of this reply.</summary>
    Done = 1 << 0,
}
