using Tidemark.Core.Errors;

namespace Tidemark.Nbd.Transmission;

/// <summary>Between the data path's statuses and the few errors that the protocol knows (NBD protocol, "Error values").</summary>
public static class NbdErrorMapping
{
    private const IoStatus QuotaExceeded = (IoStatus)122;

    /// <summary>The error to send for a status.</summary>
    public static NbdError ToNbdError(this IoStatus status) =>
        status switch
        {
            IoStatus.Ok => NbdError.None,
            IoStatus.NotPermitted or IoStatus.ReadOnly => NbdError.NotPermitted,
            IoStatus.IoError => NbdError.IoError,
            IoStatus.OutOfMemory => NbdError.OutOfMemory,
            IoStatus.NoSpace or IoStatus.FileTooBig or QuotaExceeded => NbdError.NoSpace,
            IoStatus.Overflow => NbdError.Overflow,
            IoStatus.NotSupported => NbdError.NotSupported,
            IoStatus.Shutdown => NbdError.Shutdown,
            _ => NbdError.InvalidArgument,
        };

    /// <summary>The status that an error from a server means; "the client SHOULD treat an unexpected error value as if it had been NBD_EINVAL".</summary>
    public static IoStatus ToStatus(this NbdError error) =>
        error switch
        {
            NbdError.None => IoStatus.Ok,
            NbdError.NotPermitted
            or NbdError.IoError
            or NbdError.OutOfMemory
            or NbdError.NoSpace
            or NbdError.Overflow
            or NbdError.NotSupported
            or NbdError.Shutdown => (IoStatus)(int)error,
            _ => IoStatus.InvalidArgument,
        };
}
