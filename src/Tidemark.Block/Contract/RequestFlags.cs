namespace Tidemark.Block.Contract;

/// <summary>How a request is to be done.</summary>
[Flags]
public enum RequestFlags
{
    /// <summary>In the ordinary way.</summary>
    None = 0,

    /// <summary>Durable before it is acknowledged (force unit access).</summary>
    Fua = 1,

    /// <summary>Zeroes may be written by deallocating.</summary>
    MayUnmap = 2,

    /// <summary>Zeroes only if that is faster than writing them; otherwise <see cref="Core.Errors.IoStatus.NotSupported"/>.</summary>
    NoFallback = 4,

    /// <summary>Write the cluster compressed.</summary>
    Compressed = 8,

    /// <summary>Nothing that overlaps runs at the same time.</summary>
    Serialising = 16,

    /// <summary>What is written is what is read there already.</summary>
    WriteUnchanged = 32,

    /// <summary>Read only to bring it into caches or the upper layer; the target buffer is not filled.</summary>
    Prefetch = 64,

    /// <summary>Nobody waits for this one request: the file layer may hand it to a worker, so that others have the loop.</summary>
    Background = 128,
}
