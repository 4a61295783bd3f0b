namespace Tidemark.Core.Errors;

/// <summary>The few kinds of failure in opening, creating and checking that a caller may want to tell apart. A new format adds none.</summary>
public enum BlockErrorKind
{
    /// <summary>Options that contradict each other or make no sense.</summary>
    InvalidOptions,

    /// <summary>File, node or peer isn't there.</summary>
    NotFound,

    /// <summary>The device that a command names isn't there: QMP has a class of errors for it.</summary>
    DeviceNotFound,

    /// <summary>The operating system refused access.</summary>
    AccessDenied,

    /// <summary>Somebody else holds it, a permission conflicts, or it is in use.</summary>
    InUse,

    /// <summary>The image's content is wrong.</summary>
    Corrupt,

    /// <summary>The content is right but needs what isn't there.</summary>
    NotSupported,

    /// <summary>The medium or the peer failed.</summary>
    Io,

    /// <summary>No space is left, or the image can't be so large.</summary>
    NoSpace,
}
