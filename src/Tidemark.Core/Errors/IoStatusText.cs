using System.Runtime.InteropServices;

namespace Tidemark.Core.Errors;

/// <summary>The words of an errno, as the C library's strerror gives them: they are part of messages that clients compare.</summary>
public static class IoStatusText
{
    /// <summary>"Input/output error" and the like; "Unknown error N" for a number the C library does not know.</summary>
    public static string Describe(this IoStatus status) =>
        status == IoStatus.Ok ? "Success" : Marshal.GetPInvokeErrorMessage((int)status);
}
