using Tidemark.Bitmaps;
using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Header;
using Tidemark.Drivers.Qcow2.Metadata;
using Tidemark.Drivers.Qcow2.Refcounts;

namespace Tidemark.Drivers.Qcow2.Bitmaps;

/// <summary>An open image as its stored bitmaps see it. Takes the image's lock itself, step by step, so that requests go on meanwhile.</summary>
/// <param name="image">The image.</param>
internal sealed class BitmapImage(Qcow2Image image) : IBitmapImage
{
    /// <inheritdoc/>
    public string NodeName => image.Node.DeviceOrNodeName;

    /// <inheritdoc/>
    public bool IsReadOnly => image.Node.IsReadOnly;

    /// <inheritdoc/>
    public long SizeBytes => image.Header.SizeBytes;

    /// <inheritdoc/>
    public long FileLength => image.File.SizeBytes;

    /// <inheritdoc/>
    public Qcow2Header Header => image.Header;

    /// <inheritdoc/>
    public DirtyBitmapSet Bitmaps => image.Node.PrepareBitmaps(image.Header.SizeBytes);

    /// <inheritdoc/>
    public void Warn(string line) => image.Node.Graph.Warn(line);

    /// <inheritdoc/>
    public ValueTask<IoStatus> ReadAsync(long offset, Memory<byte> target) => image.ReadFileAsync(offset, target);

    /// <inheritdoc/>
    public async ValueTask<IoStatus> WriteAsync(long offset, ReadOnlyMemory<byte> data)
    {
        var status = await image.CheckOverlapAsync(MetadataKinds.BitmapDirectory, offset, data.Length);
        return status == IoStatus.Ok ? await image.WriteFileAsync(offset, data) : status;
    }

    /// <inheritdoc/>
    public ValueTask<ClusterAllocation> AllocateAsync(long clusters) =>
        image.AllocateClustersAsync(clusters << image.Geometry.ClusterBits);

    /// <inheritdoc/>
    public ValueTask FreeAsync(long offset, long bytes) => image.FreeClustersAsync(offset, bytes);

    /// <inheritdoc/>
    public ValueTask<IoStatus> FlushAsync() => LockedAsync(image.WriteAllAsync);

    /// <inheritdoc/>
    public ValueTask<IoStatus> UpdateHeaderAsync() => LockedAsync(image.UpdateHeaderAsync);

    /// <inheritdoc/>
    public ValueTask<bool> RestoreHeaderAsync() => LockedAsync(image.RestoreHeaderAsync);

    /// <inheritdoc/>
    public void NoteDirectory(long offset, long bytes) => image.Metadata.SetRange(MetadataKinds.BitmapDirectory, offset, bytes);

    private async ValueTask<T> LockedAsync<T>(Func<ValueTask<T>> step)
    {
        await image.Lock.EnterAsync();
        try
        {
            return await step();
        }
        finally
        {
            image.Lock.Exit();
        }
    }
}
