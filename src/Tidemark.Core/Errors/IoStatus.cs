namespace Tidemark.Core.Errors;

/// <summary>
/// How a request of the data path ended. The values are Linux errno numbers, so that a driver may hand any of the kernel's
/// errors on; the named ones are those the code tells apart.
/// </summary>
public enum IoStatus
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>EPERM: refused for good, e.g. a write to a read-only export.</summary>
    NotPermitted = 1,

    /// <summary>ENOENT.</summary>
    NotFound = 2,

    /// <summary>EIO: the medium failed, or metadata is damaged.</summary>
    IoError = 5,

    /// <summary>EAGAIN: would block, or a lock is held by someone else.</summary>
    Again = 11,

    /// <summary>ENOMEM.</summary>
    OutOfMemory = 12,

    /// <summary>EACCES.</summary>
    AccessDenied = 13,

    /// <summary>EBUSY.</summary>
    Busy = 16,

    /// <summary>EEXIST.</summary>
    Exists = 17,

    /// <summary>EINVAL: the request itself is wrong.</summary>
    InvalidArgument = 22,

    /// <summary>EFBIG: the format or file system can't grow so far.</summary>
    FileTooBig = 27,

    /// <summary>ENOSPC.</summary>
    NoSpace = 28,

    /// <summary>EROFS.</summary>
    ReadOnly = 30,

    /// <summary>EPIPE.</summary>
    BrokenPipe = 32,

    /// <summary>ENOSYS.</summary>
    NotImplementedByKernel = 38,

    /// <summary>ENOMEDIUM-like: the node has no usable content any more (ENOMEDIUM, 123).</summary>
    NoMedium = 123,

    /// <summary>EOVERFLOW.</summary>
    Overflow = 75,

    /// <summary>ENOTSUP: the driver or the kernel can't do this; the caller may do it another way.</summary>
    NotSupported = 95,

    /// <summary>ECONNRESET.</summary>
    ConnectionReset = 104,

    /// <summary>ESHUTDOWN: the server is going away.</summary>
    Shutdown = 108,

    /// <summary>ETIMEDOUT.</summary>
    TimedOut = 110,

    /// <summary>ECONNREFUSED.</summary>
    ConnectionRefused = 111,

    /// <summary>ECANCELED.</summary>
    Cancelled = 125,
}
