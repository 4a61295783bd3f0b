using System.Buffers.Binary;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Drivers.Qcow2.Header;
using Tidemark.Drivers.Qcow2.Metadata;

namespace Tidemark.Drivers.Qcow2.Refcounts;

internal sealed partial class RefcountStore
{
    /// <summary>
    /// Writes all that is dirty: first the blocks, then, after a flush, the table entries that name new ones. Durable only after
    /// the caller's next flush.
    /// </summary>
    public async ValueTask<IoStatus> WriteBackAsync()
    {
        for (var i = 0; dirtyBlocks > 0 && i < clock.Count; i++)
        {
            var status = await WriteBlockAsync(clock[i]);
            if (status != IoStatus.Ok)
            {
                return status;
            }
        }
        return lastDirtyEntry < 0 ? IoStatus.Ok : await WriteTableAsync();
    }

    private async ValueTask<IoStatus> WriteBlockAsync(RefcountBlock block)
    {
        if (!block.IsDirty)
        {
            return IoStatus.Ok;
        }
        var status = await image.CheckOverlapAsync(MetadataKinds.RefcountBlock, block.HostOffset, geometry.ClusterSize);
        if (status != IoStatus.Ok)
        {
            return status;
        }
        // What changes while the write is under way is written again: early is harmless, lost would not be.
        block.IsDirty = false;
        dirtyBlocks--;
        await image.File.RaiseAsync(block.IsNew ? DebugEvent.RefblockAllocWrite : DebugEvent.RefblockUpdatePart);
        status = await image.WriteFileAsync(block.HostOffset, block.Buffer.Memory);
        if (status != IoStatus.Ok)
        {
            MarkDirty(block);
            return status;
        }
        block.IsNew = false;
        return IoStatus.Ok;
    }

    private async ValueTask<IoStatus> WriteTableAsync()
    {
        var status = await image.BarrierAsync();
        if (status != IoStatus.Ok)
        {
            return status;
        }
        // Whole sectors: a torn one must not mix old and new halves of an entry.
        var first = firstDirtyEntry & ~63L;
        var count = (int)(Math.Min((lastDirtyEntry | 63) + 1, table.Length) - first);
        using var buffer = AlignedBufferPool.Shared.Rent(count * 8);
        EncodeTable(table.AsSpan((int)first, count), buffer.GetSpan());
        var offset = image.Header.RefcountTableOffset + (first * 8);
        status = await image.CheckOverlapAsync(MetadataKinds.RefcountTable, offset, count * 8);
        if (status == IoStatus.Ok)
        {
            await image.File.RaiseAsync(DebugEvent.RefblockAllocHookup);
            status = await image.WriteFileAsync(offset, buffer.Memory);
        }
        if (status == IoStatus.Ok)
        {
            (firstDirtyEntry, lastDirtyEntry) = (long.MaxValue, -1);
        }
        return status;
    }

    private static void EncodeTable(ReadOnlySpan<long> entries, Span<byte> target)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(target[(i * 8)..], entries[i]);
        }
    }
}
