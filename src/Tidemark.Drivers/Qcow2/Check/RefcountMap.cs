using System.Buffers.Binary;
using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Refcounts;

namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>
/// The refcounts that the image records: its refcount table and blocks (qcow2 spec, "Host cluster management"), read block by
/// block and written back at <see cref="FlushAsync"/>.
/// </summary>
internal sealed class RefcountMap
{
    private const ulong OffsetMask = ~0x1ffUL;

    private readonly ICheckStorage storage;
    private readonly CheckLayout layout;
    private readonly ulong[] table;
    private readonly Dictionary<long, Block> cached = [];
    private readonly Queue<long> order = new();
    private Block? latest;

    private RefcountMap(ICheckStorage storage, CheckLayout layout, long tableOffset, ulong[] table)
    {
        this.storage = storage;
        this.layout = layout;
        this.table = table;
        TableOffset = tableOffset;
    }

    /// <summary>Offset of the table, bytes.</summary>
    public long TableOffset { get; }

    /// <summary>Entries of the table.</summary>
    public int TableEntries => table.Length;

    /// <summary>Length of the table, bytes.</summary>
    public long TableBytes => (long)table.Length * sizeof(ulong);

    /// <summary>Clusters that one block counts.</summary>
    public long ClustersPerBlock => 1L << layout.RefcountBlockBits;

    /// <summary>Reads the table at <paramref name="offset"/>. Throws <see cref="BlockException"/>.</summary>
    public static async ValueTask<RefcountMap> LoadAsync(ICheckStorage storage, CheckLayout layout, long offset, int clusters)
    {
        var bytes = new byte[(long)clusters << layout.ClusterBits];
        var status = await storage.ReadAsync(offset, bytes);
        if (status != IoStatus.Ok)
        {
            throw new BlockException(status, "Check failed");
        }
        var entries = new ulong[bytes.Length / sizeof(ulong)];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(i * sizeof(ulong)));
        }
        return new(storage, layout, offset, entries);
    }

    /// <summary>The table's entry: offset of a block with reserved bits below it.</summary>
    public ulong Entry(long index) => table[index];

    /// <summary>Where the block of this index lies as far as the entry can be believed, or 0.</summary>
    public long BlockOffset(long index) => (ulong)index < (ulong)table.Length ? (long)(table[index] & OffsetMask) : 0;

    /// <summary>Index of the first block behind that of <paramref name="index"/>; the greatest there can be if there is none.</summary>
    public long NextBlock(long index)
    {
        var next = index + 1;
        while (next < table.Length && BlockOffset(next) == 0)
        {
            next++;
        }
        return next < table.Length ? next : long.MaxValue >> layout.RefcountBlockBits;
    }

    /// <summary>The block that counts <paramref name="cluster"/>.</summary>
    public long BlockIndexOf(long cluster) => cluster >> layout.RefcountBlockBits;

    /// <summary>The recorded refcount of <paramref name="cluster"/>; 0 where there is no block.</summary>
    public async ValueTask<(IoStatus Status, ulong Count)> GetAsync(long cluster)
    {
        var (status, block) = await FindAsync(BlockIndexOf(cluster));
        return block is null
            ? (status, 0)
            : (IoStatus.Ok, RefcountCodec.Get(block.Bytes, layout.RefcountOrder, IndexInBlock(cluster)));
    }

    /// <summary>As <see cref="GetAsync"/>, without a wait: false where the block is not at hand.</summary>
    public bool TryGet(long cluster, out ulong count)
    {
        var index = BlockIndexOf(cluster);
        if (latest?.Index != index && !cached.TryGetValue(index, out latest))
        {
            count = 0;
            return false;
        }
        count = RefcountCodec.Get(latest.Bytes, layout.RefcountOrder, IndexInBlock(cluster));
        return true;
    }

    /// <summary>The bytes of a block while they are cached, for loops over a whole block: null where there is none.</summary>
    public async ValueTask<(IoStatus Status, ReadOnlyMemory<byte>? Bytes)> GetBlockAsync(long index)
    {
        var (status, block) = await FindAsync(index);
        return (status, block is null ? (ReadOnlyMemory<byte>?)null : block.Bytes);
    }

    /// <summary>Records a refcount; the block must exist.</summary>
    public async ValueTask<IoStatus> SetAsync(long cluster, ulong count)
    {
        var (status, block) = await FindAsync(BlockIndexOf(cluster));
        if (block is null)
        {
            return status == IoStatus.Ok ? IoStatus.IoError : status;
        }
        RefcountCodec.Set(block.Bytes, layout.RefcountOrder, IndexInBlock(cluster), count);
        block.IsDirty = true;
        return IoStatus.Ok;
    }

    /// <summary>Writes changed blocks and makes them durable.</summary>
    public async ValueTask<IoStatus> FlushAsync()
    {
        var wrote = false;
        foreach (var block in cached.Values)
        {
            wrote |= block.IsDirty;
            var status = await WriteBackAsync(block);
            if (status != IoStatus.Ok)
            {
                return status;
            }
        }
        return wrote ? await storage.FlushAsync() : IoStatus.Ok;
    }

    private int IndexInBlock(long cluster) => (int)(cluster & (ClustersPerBlock - 1));

    private async ValueTask<(IoStatus Status, Block? Block)> FindAsync(long index)
    {
        if (latest is { } same && same.Index == index)
        {
            return (IoStatus.Ok, same);
        }
        var offset = BlockOffset(index);
        if (offset == 0)
        {
            return (IoStatus.Ok, null);
        }
        if (!layout.IsAligned(offset) || offset is < 0 or >= CheckLimits.FileBytes)
        {
            return (IoStatus.IoError, null);
        }
        if (!cached.TryGetValue(index, out var block))
        {
            block = new(index, offset, new byte[layout.ClusterSize]);
            var status = await storage.ReadAsync(offset, block.Bytes);
            if (status == IoStatus.Ok)
            {
                status = await MakeRoomAsync();
            }
            if (status != IoStatus.Ok)
            {
                return (status, null);
            }
            cached.Add(index, block);
            order.Enqueue(index);
        }
        latest = block;
        return (IoStatus.Ok, block);
    }

    private async ValueTask<IoStatus> MakeRoomAsync()
    {
        while (order.Count > 0 && ((long)order.Count + 1) << layout.ClusterBits > CheckLimits.RefcountBlockBytes)
        {
            var oldest = order.Peek();
            var status = await WriteBackAsync(cached[oldest]);
            if (status != IoStatus.Ok)
            {
                return status;
            }
            _ = order.Dequeue();
            _ = cached.Remove(oldest);
        }
        return IoStatus.Ok;
    }

    private async ValueTask<IoStatus> WriteBackAsync(Block block)
    {
        if (!block.IsDirty)
        {
            return IoStatus.Ok;
        }
        var status = await storage.WriteAsync(block.Offset, block.Bytes);
        block.IsDirty = status != IoStatus.Ok;
        return status;
    }

    private sealed class Block(long index, long offset, byte[] bytes)
    {
        public long Index => index;

        public long Offset => offset;

        public byte[] Bytes => bytes;

        public bool IsDirty { get; set; }
    }
}
