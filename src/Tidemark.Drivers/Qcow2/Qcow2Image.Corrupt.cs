using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Header;
using Tidemark.Drivers.Qcow2.Metadata;

namespace Tidemark.Drivers.Qcow2;

internal sealed partial class Qcow2Image
{
    private bool reportedCorruption;

    /// <summary>
    /// Reports damage, once. A fatal one (a write would make things worse) also sets the image's corrupt bit, if the image is
    /// written, and ends all requests from now on.
    /// </summary>
    /// <param name="message">What is wrong, in the reference's words.</param>
    /// <param name="offset">Where in the image file, bytes; -1 if that is not known.</param>
    /// <param name="size">How many bytes are concerned; -1 if that is not known.</param>
    /// <param name="fatal">Whether to stop.</param>
    public async ValueTask MarkCorruptAsync(string message, long offset, long size, bool fatal)
    {
        fatal = fatal && !Node.IsReadOnly;
        if (reportedCorruption && (!fatal || IsUnusable))
        {
            return;
        }
        Node.Graph.Tell(
            fatal
                ? $"qcow2: Marking image as corrupt: {message}; further corruption events will be suppressed"
                : $"qcow2: Image is corrupt: {message}; further non-fatal corruption events will be suppressed"
        );
        reportedCorruption = true;
        Node.Graph.ReportCorruption(new(Node, message, offset < 0 ? null : offset, size < 0 ? null : size, fatal));
        if (fatal)
        {
            IsUnusable = true;
            Header.IncompatibleFeatures |= Qcow2Features.Corrupt;
            _ = await UpdateFeaturesAsync();
        }
    }

    /// <summary>Lets no further request happen: going on would do harm.</summary>
    public void StopRequests() => IsUnusable = true;

    /// <summary>
    /// Whether a write of these bytes of the image file would hit metadata (other than of the kinds in
    /// <paramref name="except"/>). If so the image is marked corrupt and the answer is <see cref="IoStatus.IoError"/>.
    /// </summary>
    public ValueTask<IoStatus> CheckOverlapAsync(MetadataKinds except, long offset, long bytes)
    {
        var hit = Metadata.FindOverlap(except, offset, bytes);
        return hit == MetadataKinds.None ? new(IoStatus.Ok) : RefuseAsync(hit, offset, bytes);

        async ValueTask<IoStatus> RefuseAsync(MetadataKinds hit, long offset, long bytes)
        {
            await MarkCorruptAsync(
                $"Preventing invalid write on metadata (overlaps with {hit.Describe()})",
                offset,
                bytes,
                fatal: true
            );
            return IoStatus.IoError;
        }
    }
}
