using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Graph;

public sealed partial class BlockNode
{
    /// <summary>
    /// Sets the size in bytes. What is new reads as zeroes, whatever a backing file has there. Bitmaps follow: new space is
    /// clean, bits cut off are gone. Throws <see cref="BlockException"/>; the caller has the permission to resize.
    /// </summary>
    public async ValueTask TruncateAsync(long sizeBytes, bool exact, PreallocationMode preallocation)
    {
        if (IsReadOnly)
        {
            throw new BlockException(BlockErrorKind.AccessDenied, "Image is read-only");
        }
        if (sizeBytes < 0)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "Image size cannot be negative");
        }
        if (sizeBytes > Block.Limits.NodeSize)
        {
            throw new BlockException(
                BlockErrorKind.InvalidOptions,
                $"offset({sizeBytes}) exceeds maximum({Block.Limits.NodeSize})"
            );
        }
        var sizeBefore = SizeBytes;
        var (low, high) = (Math.Min(sizeBefore, sizeBytes), Math.Max(sizeBefore, sizeBytes));
        var request = low == high ? null : await requests.BeginSerialisingAsync(ByteRange.Between(low, high));
        try
        {
            await Driver.TruncateAsync(sizeBytes, exact, preallocation);
            writeGeneration++;
            RefreshLimits();
            SizeChanged();
            await HideBackingAsync(sizeBefore, sizeBytes);
        }
        finally
        {
            if (request is not null)
            {
                requests.End(request);
            }
        }
    }

    /// <summary>Tells bitmaps and users that the size is another now; for drivers whose medium grew by itself, too.</summary>
    public void SizeChanged()
    {
        Bitmaps.Truncate(SizeBytes);
        foreach (var edge in parents.ToArray())
        {
            edge.Parent.OnChildResized(edge);
        }
    }

    void IBlockParent.OnChildResized(BlockChild child)
    {
        if (IsOpen && Bitmaps.SizeBytes != SizeBytes)
        {
            SizeChanged();
        }
    }

    // A backing file longer than the image was would show through in the new space.
    private async ValueTask HideBackingAsync(long sizeBefore, long sizeBytes)
    {
        var end = Math.Min(sizeBytes, BackingChild?.Node.SizeBytes ?? 0);
        if (end <= sizeBefore)
        {
            return;
        }
        var status = await WriteZeroesPiecesAsync(ByteRange.Between(sizeBefore, end), RequestFlags.None);
        if (status != IoStatus.Ok)
        {
            throw new BlockException(status, "Failed to zero out the new area");
        }
    }
}
