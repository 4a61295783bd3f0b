using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Qmp.Errors;

/// <summary>The one place where other rooms' errors become the wire's.</summary>
public static class QmpErrors
{
    /// <summary>
    /// The class for a failure of opening, creating and the like: the reference gives all of them the common one, whatever their
    /// kind; what a client tells apart is said by the commands themselves.
    /// </summary>
    public static QmpErrorClass ClassOf(BlockErrorKind kind) =>
        kind switch
        {
            BlockErrorKind.DeviceNotFound => QmpErrorClass.DeviceNotFound,
            BlockErrorKind.InvalidOptions
            or BlockErrorKind.NotFound
            or BlockErrorKind.AccessDenied
            or BlockErrorKind.InUse
            or BlockErrorKind.Corrupt
            or BlockErrorKind.NotSupported
            or BlockErrorKind.Io
            or BlockErrorKind.NoSpace => QmpErrorClass.GenericError,
            _ => throw Invariant.Unreachable("every kind of failure has a class"),
        };

    /// <summary>The member "error" of a reply.</summary>
    public static JsonObject ToJson(QmpErrorClass errorClass, string text) =>
        new() { ["class"] = errorClass.ToString(), ["desc"] = text };
}
