namespace Tidemark.Nbd.Transmission;

/// <summary>Errors that may be sent (NBD protocol, "Error values").</summary>
public enum NbdError : uint
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>NBD_EPERM.</summary>
    NotPermitted = 1,

    /// <summary>NBD_EIO.</summary>
    IoError = 5,

    /// <summary>NBD_ENOMEM.</summary>
    OutOfMemory = 12,

    /// <summary>NBD_EINVAL.</summary>
    InvalidArgument = 22,

    /// <summary>NBD_ENOSPC.</summary>
    NoSpace = 28,

    /// <summary>NBD_EOVERFLOW.</summary>
    Overflow = 75,

    /// <summary>NBD_ENOTSUP.</summary>
    NotSupported = 95,

    /// <summary>NBD_ESHUTDOWN.</summary>
    Shutdown = 108,
}
