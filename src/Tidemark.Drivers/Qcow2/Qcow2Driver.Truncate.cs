using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Mapping;
using Tidemark.Drivers.Qcow2.Refcounts;

namespace Tidemark.Drivers.Qcow2;

internal sealed partial class Qcow2Driver
{
    /// <inheritdoc/>
    public override async ValueTask TruncateAsync(long sizeBytes, bool exact, PreallocationMode preallocation)
    {
        if (Image.IsUnusable)
        {
            throw new BlockException(IoStatus.NoMedium, "Failed to resize the image");
        }
        if (!Alignment.Is(sizeBytes, 512))
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "The new size must be a multiple of 512");
        }
        if (Image.Header is { SnapshotCount: > 0, Version: < 3 })
        {
            throw new BlockException(BlockErrorKind.NotSupported, "Can't resize a v2 image which has snapshots");
        }
        bitmaps.CheckCanResize();
        await Image.Lock.EnterAsync();
        try
        {
            if (sizeBytes < SizeBytes)
            {
                await ShrinkAsync(sizeBytes, preallocation);
            }
            else
            {
                await GrowAsync(sizeBytes, preallocation);
            }
        }
        finally
        {
            Image.Lock.Exit();
        }
    }

    // First what lies behind the new end is let go of, then the size changes, last the file gets shorter: a crash in between
    // leaves an image of the old size with zeroes at its end, or a file that is longer than it need be.
    private async ValueTask ShrinkAsync(long sizeBytes, PreallocationMode preallocation)
    {
        if (preallocation != PreallocationMode.Off)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "Preallocation can only be used for growing images");
        }
        var geometry = Image.Geometry;
        var (start, end) = (geometry.ClusterEnd(sizeBytes), geometry.ClusterEnd(SizeBytes));
        if (start < end)
        {
            var status = await ChangeEntriesAsync(ByteRange.Between(start, end), static _ => 0, DiscardKind.Always);
            Qcow2Image.Check(status, "Failed to discard cropped clusters");
        }
        var shrunk = await Image.ShrinkL1Async((int)geometry.L1EntriesFor(sizeBytes));
        Qcow2Image.Check(shrunk, "Failed to reduce the number of L2 tables");
        Qcow2Image.Check(await Image.Refcounts.TrimAsync(), "Failed to discard unused refblocks");
        await SetSizeAsync(sizeBytes);
        Qcow2Image.Check(await Image.WriteAllAsync(), "Failed to update the image size");
        await CutFileAsync();
    }

    private async ValueTask CutFileAsync()
    {
        var end = await Image.FindEndAsync();
        if (end <= 0 || end >= Image.File.SizeBytes)
        {
            return;
        }
        try
        {
            await Image.File.TruncateAsync(end, exact: false, PreallocationMode.Off);
        }
        catch (BlockException error)
        {
            // The image is right all the same.
            Node.Graph.Warn($"Failed to truncate the tail of the image: {error.Message}");
        }
    }

    private async ValueTask GrowAsync(long sizeBytes, PreallocationMode preallocation)
    {
        var sizeBefore = SizeBytes;
        var status = await Image.GrowL1Async(Image.Geometry.L1EntriesFor(sizeBytes));
        Qcow2Image.Check(status, "Failed to grow the L1 table");
        switch (preallocation)
        {
            case PreallocationMode.Metadata:
                await PreallocateTablesAsync(sizeBefore, sizeBytes);
                break;
            case PreallocationMode.Falloc or PreallocationMode.Full:
                await PreallocateDataAsync(sizeBefore, sizeBytes, preallocation);
                break;
            default:
                break;
        }
        if (sizeBytes > sizeBefore)
        {
            await ClearTailAsync(sizeBefore, sizeBytes);
            await SetSizeAsync(sizeBytes);
        }
    }

    // A disk that was shrunk within a cluster has old data behind its end there.
    private async ValueTask ClearTailAsync(long sizeBefore, long sizeBytes)
    {
        var end = Math.Min(Image.Geometry.ClusterEnd(sizeBefore), sizeBytes);
        if (end == sizeBefore)
        {
            return;
        }
        GuestRun run;
        while (!mapper.TryMap(sizeBefore, 1, out run, out var missing))
        {
            Qcow2Image.Check(await Image.L2.LoadAsync(missing, underLock: true), "Failed to zero out the new area");
        }
        if (run.Kind is not (ClusterKind.Normal or ClusterKind.Compressed))
        {
            return;
        }
        using var zeroes = AlignedBufferPool.Shared.Rent((int)(end - sizeBefore));
        zeroes.GetSpan().Clear();
        // The write takes the lock itself.
        Image.Lock.Exit();
        try
        {
            var written = await WriteAsync(ByteRange.Between(sizeBefore, end), zeroes.Memory, RequestFlags.None);
            Qcow2Image.Check(written, "Failed to zero out the new area");
        }
        finally
        {
            await Image.Lock.EnterAsync();
        }
    }

    private async ValueTask SetSizeAsync(long sizeBytes)
    {
        var status = await Image.WriteBackAsync();
        if (status == IoStatus.Ok)
        {
            status = await Image.WriteSizeAsync(sizeBytes);
        }
        Qcow2Image.Check(status, "Failed to update the image size");
    }
}
