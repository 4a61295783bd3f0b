using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Header;

namespace Tidemark.Drivers.Qcow2.Bitmaps;

/// <summary>
/// The header's part in stored bitmaps: the extension and the autoclear bit that says that no program without an idea of bitmaps
/// has written to the image since (qcow2 spec, "Header", autoclear_features, bit 0).
/// </summary>
internal static class StoredBitmapsHeader
{
    /// <summary>The extension, or null where there is none or it is not to be relied upon. Throws <see cref="BlockException"/> when it is wrong.</summary>
    public static BitmapsExtension? Read(Qcow2Header header)
    {
        if (header.FindExtension(HeaderExtension.Bitmaps) is not { } found)
        {
            return null;
        }
        BitmapsExtension.CheckLength(found.Data.Span);
        return IsTrusted(header) ? BitmapsExtension.Parse(found.Data.Span, header.ClusterBits) : null;
    }

    /// <summary>
    /// A warning for people where the image has an extension that is not to be relied upon; null otherwise. Whoever may write takes
    /// the extension out of the header then; its clusters are leaks.
    /// </summary>
    public static string? Warning(Qcow2Header header)
    {
        if (header.FindExtension(HeaderExtension.Bitmaps) is null || IsTrusted(header))
        {
            return null;
        }
        var what =
            header.Version < 3
                ? "This qcow2 v2 image contains bitmaps, but they may have been modified by software without persistent bitmap support; so now these bitmaps must all be considered inconsistent"
                : "a program lacking bitmap support modified this file, so all bitmaps are now considered inconsistent";
        return what + "\nSome clusters may be leaked, run 'qemu-img check -r' on the image file to fix.";
    }

    /// <summary>Lets the header describe <paramref name="extension"/>, or say that there are no bitmaps.</summary>
    public static void Write(Qcow2Header header, BitmapsExtension? extension)
    {
        header.SetExtension(HeaderExtension.Bitmaps, extension?.Serialise());
        if (extension is null)
        {
            header.AutoclearFeatures &= ~Qcow2Features.Bitmaps;
        }
        else
        {
            header.AutoclearFeatures |= Qcow2Features.Bitmaps;
        }
    }

    private static bool IsTrusted(Qcow2Header header) =>
        header.Version >= 3 && (header.AutoclearFeatures & Qcow2Features.Bitmaps) != 0;
}
