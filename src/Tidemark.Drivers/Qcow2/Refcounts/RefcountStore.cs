using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Drivers.Qcow2.Header;
using Tidemark.Drivers.Qcow2.Metadata;

namespace Tidemark.Drivers.Qcow2.Refcounts;

/// <summary>
/// How often each cluster of the image file is referenced: the refcount table, which is in memory as a whole, and a bounded
/// number of its blocks. Changes stay in memory until <see cref="WriteBackAsync"/> or eviction.
/// </summary>
/// <remarks>
/// <code>
///   refcount table          block (one cluster)            clusters of the file
///   [ offset of block 0 ] -&gt; [ 1 1 1 2 0 0 1 ... ]   one refcount each
///   [ offset of block 1 ] -&gt; ...                      0: free
///   [ 0                 ]    no block: all are free
/// </code>
/// Rules that keep a crash harmless: a refcount is raised here before anything refers to the cluster, and the write-back
/// writes refcounts before references (Qcow2Image.WriteBack); it is lowered only when the last reference is gone from the
/// disk (Qcow2Image.Free). So a block may be written at any time, and what a crash leaves are leaks.
/// Whoever changes something holds the image's metadata lock, or runs without a wait while nobody holds it.
/// </remarks>
internal sealed partial class RefcountStore(Qcow2Image image, int capacity)
{
    private readonly Qcow2Geometry geometry = image.Geometry;
    private readonly Dictionary<long, RefcountBlock> blocks = [];
    private readonly List<RefcountBlock> clock = [];
    private readonly int order = image.Geometry.RefcountOrder;
    private readonly int blockBits = image.Geometry.RefcountBlockBits;
    private long[] table = [];
    private RefcountBlock? latest;
    private int hand;
    private int dirtyBlocks;
    private long firstDirtyEntry = long.MaxValue;
    private long lastDirtyEntry = -1;
    private long nextFree;

    /// <summary>How many blocks are kept in memory at most.</summary>
    public int Capacity { get; set; } = capacity;

    /// <summary>Entries of the refcount table, offsets of blocks; 0 where there is none. For checks; changes go through the verbs.</summary>
    public IReadOnlyList<long> Table => table;

    /// <summary>Whether anything is newer in memory than in the file.</summary>
    public bool IsDirty => dirtyBlocks > 0 || lastDirtyEntry >= 0;

    /// <summary>Blocks in memory, at most what the options allow.</summary>
    public int CachedBlocks => blocks.Count;

    /// <summary>Reads the table that the header names. What lies behind the end of the file reads as zeroes.</summary>
    public async ValueTask<IoStatus> LoadTableAsync()
    {
        var bytes = image.Header.RefcountTableClusters << geometry.ClusterBits;
        DropAll();
        if (bytes == 0)
        {
            table = [];
            return IoStatus.Ok;
        }
        using var buffer = AlignedBufferPool.Shared.Rent(bytes);
        await image.File.RaiseAsync(DebugEvent.ReftableLoad);
        var status = await image.ReadFileAsync(image.Header.RefcountTableOffset, buffer.Memory);
        if (status != IoStatus.Ok)
        {
            return status;
        }
        var raw = MemoryMarshal.Cast<byte, ulong>(buffer.Memory.Span);
        var entries = new long[raw.Length];
        for (var i = 0; i < raw.Length; i++)
        {
            entries[i] = (long)BinaryPrimitives.ReverseEndianness(raw[i]) & ~511L;
        }
        table = entries;
        nextFree = 0;
        return IoStatus.Ok;
    }

    /// <summary>Forgets all cached blocks and what is dirty; the caller has written what matters.</summary>
    public void DropAll()
    {
        foreach (var block in clock)
        {
            ((IDisposable)block.Buffer).Dispose();
        }
        clock.Clear();
        blocks.Clear();
        latest = null;
        (dirtyBlocks, hand, firstDirtyEntry, lastDirtyEntry, nextByte) = (0, 0, long.MaxValue, -1, 0);
    }

    /// <summary>The refcount of the cluster of this number; 0 for clusters that no block counts.</summary>
    public async ValueTask<RefcountValue> GetAsync(long cluster)
    {
        var index = cluster >> blockBits;
        if (index >= table.Length || table[index] == 0)
        {
            return new(IoStatus.Ok, 0);
        }
        if (!TryGetBlock(index, out var block))
        {
            var status = await LoadBlockAsync(index);
            if (status != IoStatus.Ok)
            {
                return new(status, 0);
            }
            block = blocks[index];
        }
        return new(IoStatus.Ok, RefcountCodec.Get(block.Buffer.GetSpan(), order, geometry.RefcountBlockIndex(cluster)));
    }

    /// <summary>How many of the first <paramref name="clusters"/> clusters are referenced; counting stops at <paramref name="enough"/>.</summary>
    public async ValueTask<RefcountValue> CountUsedAsync(long clusters, long enough)
    {
        var counted = 0L;
        for (var index = 0L; index << blockBits < clusters && index < table.Length && counted < enough; index++)
        {
            if (table[index] == 0)
            {
                continue;
            }
            if (!TryGetBlock(index, out var block))
            {
                var status = await LoadBlockAsync(index);
                if (status != IoStatus.Ok)
                {
                    return new(status, 0);
                }
                block = blocks[index];
            }
            var entries = (int)Math.Min(geometry.RefcountBlockEntries, clusters - (index << blockBits));
            counted += entries - RefcountCodec.CountZeroes(block.Buffer.GetSpan(), order, entries);
        }
        return new(IoStatus.Ok, (ulong)counted);
    }

    /// <summary>The block of this table index if it is in memory.</summary>
    private bool TryGetBlock(long tableIndex, [NotNullWhen(true)] out RefcountBlock? block)
    {
        block = latest;
        if (block is not null && block.TableIndex == tableIndex)
        {
            return true;
        }
        if (!blocks.TryGetValue(tableIndex, out block))
        {
            return false;
        }
        block.WasUsed = true;
        latest = block;
        return true;
    }

    /// <summary>Brings the block of this table index, which exists, into memory.</summary>
    private async ValueTask<IoStatus> LoadBlockAsync(long tableIndex)
    {
        var offset = table[tableIndex];
        if (!geometry.IsClusterAligned(offset))
        {
            await image.MarkCorruptAsync(
                $"Refblock offset {Hex.Of(offset)} unaligned (reftable index: {Hex.Of(tableIndex)})",
                offset: -1,
                size: -1,
                fatal: true
            );
            return IoStatus.IoError;
        }
        var status = await MakeRoomAsync();
        if (status != IoStatus.Ok)
        {
            return status;
        }
        var buffer = AlignedBufferPool.Shared.Rent(geometry.ClusterSize);
        status = await image.ReadFileAsync(offset, buffer.Memory);
        if (status != IoStatus.Ok)
        {
            ((IDisposable)buffer).Dispose();
            return status;
        }
        Enter(new RefcountBlock(tableIndex, offset, buffer));
        return IoStatus.Ok;
    }

    private void Enter(RefcountBlock block)
    {
        block.WasUsed = true;
        blocks.Add(block.TableIndex, block);
        clock.Add(block);
        latest = block;
    }

    // Second chance: what was used since the hand last came by stays for another round.
    private async ValueTask<IoStatus> MakeRoomAsync()
    {
        while (clock.Count >= Capacity)
        {
            hand = hand >= clock.Count ? 0 : hand;
            var block = clock[hand];
            if (block.WasUsed)
            {
                block.WasUsed = false;
                hand++;
                continue;
            }
            var status = await WriteBlockAsync(block);
            if (status != IoStatus.Ok)
            {
                return status;
            }
            clock.RemoveAt(hand);
            _ = blocks.Remove(block.TableIndex);
            latest = null;
            ((IDisposable)block.Buffer).Dispose();
        }
        return IoStatus.Ok;
    }

    private void MarkDirty(RefcountBlock block)
    {
        if (!block.IsDirty)
        {
            block.IsDirty = true;
            dirtyBlocks++;
        }
    }

    private void SetTableEntry(long index, long offset)
    {
        table[index] = offset;
        firstDirtyEntry = Math.Min(firstDirtyEntry, index);
        lastDirtyEntry = Math.Max(lastDirtyEntry, index);
    }
}
