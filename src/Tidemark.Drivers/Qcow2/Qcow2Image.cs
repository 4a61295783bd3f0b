using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Header;
using Tidemark.Drivers.Qcow2.Mapping;
using Tidemark.Drivers.Qcow2.Metadata;
using Tidemark.Drivers.Qcow2.Options;
using Tidemark.Drivers.Qcow2.Refcounts;
using Tidemark.Drivers.Qcow2.Snapshots;

namespace Tidemark.Drivers.Qcow2;

/// <summary>
/// One open qcow2 image: its file, header, tables and caches, shared by all verbs, the check and the bitmaps extension.
/// </summary>
/// <remarks>
/// Tables change only while <see cref="Lock"/> is held, or in code that runs without a wait while nobody holds it. Looking a
/// mapping up needs no lock. Members that say "under the lock" neither take nor release it.
/// </remarks>
internal sealed partial class Qcow2Image
{
    private bool hasUnflushedWrites;

    /// <summary>An image over <paramref name="file"/>; <see cref="LoadTablesAsync"/> makes it usable.</summary>
    public Qcow2Image(BlockNode node, BlockChild file, Qcow2Header header, CacheSizes caches, Qcow2Options options)
    {
        Node = node;
        File = file;
        Header = header;
        Options = options;
        Geometry = header.CreateGeometry();
        Metadata = new MetadataMap(Geometry, options.OverlapCheck);
        Refcounts = new RefcountStore(this, caches.RefcountBlocks);
        L1 = new L1Table(this);
        L2 = new L2Cache(this, caches.L2Slices, caches.L2SliceBytes);
        Snapshots = new SnapshotStore(this);
    }

    /// <summary>The image's node.</summary>
    public BlockNode Node { get; }

    /// <summary>The edge to the file that holds it.</summary>
    public BlockChild File { get; }

    /// <summary>The header as it is in the file, or will be after <see cref="UpdateHeaderAsync"/>.</summary>
    public Qcow2Header Header { get; }

    /// <summary>How big things are.</summary>
    public Qcow2Geometry Geometry { get; }

    /// <summary>The options it works under; replaced by a reopen.</summary>
    public Qcow2Options Options { get; set; }

    /// <summary>Held by whoever changes tables across a wait.</summary>
    public LoopMutex Lock { get; } = new();

    /// <summary>Where metadata lies.</summary>
    public MetadataMap Metadata { get; }

    /// <summary>How often clusters are referenced.</summary>
    public RefcountStore Refcounts { get; }

    /// <summary>The active L1 table.</summary>
    public L1Table L1 { get; }

    /// <summary>Slices of L2 tables.</summary>
    public L2Cache L2 { get; private set; }

    /// <summary>The internal snapshots; none while the image is open for a check.</summary>
    public SnapshotStore Snapshots { get; }

    /// <summary>Whether refcounts are kept up lazily.</summary>
    public bool UsesLazyRefcounts { get; set; }

    /// <summary>Whether damage was found that forbids any further request.</summary>
    public bool IsUnusable { get; private set; }

    /// <summary>Reads refcount table, L1 table and snapshot table. Throws <see cref="BlockException"/>.</summary>
    /// <param name="forCheck">Opened for a check, which looks at the snapshot table itself.</param>
    public async ValueTask LoadTablesAsync(bool forCheck)
    {
        Check(await L1.LoadAsync(), "Could not read L1 table");
        Check(await Refcounts.LoadTableAsync(), "Could not initialize refcount handling");
        if (!Node.IsReadOnly)
        {
            NoteMetadata();
        }
        if (!forCheck)
        {
            await Snapshots.LoadAsync();
        }
    }

    /// <summary>Notes anew where all metadata lies, for an image that is written from now on. Throws <see cref="BlockException"/>.</summary>
    public ValueTask GuardMetadataAsync()
    {
        NoteMetadata();
        return Snapshots.LoadAsync();
    }

    /// <summary>Gives the caches other sizes; nothing is dirty and no request is under way.</summary>
    public void ResizeCaches(CacheSizes sizes)
    {
        Invariant.That(!L2.IsDirty, "caches change their size when everything has been written");
        L2.DropAll();
        L2 = new L2Cache(this, sizes.L2Slices, sizes.L2SliceBytes);
        Refcounts.Capacity = sizes.RefcountBlocks;
    }

    /// <summary>Fills <paramref name="target"/> from the image file; zeroes where that ends.</summary>
    public ValueTask<IoStatus> ReadFileAsync(long offset, Memory<byte> target) =>
        offset is < 0 or > Qcow2Geometry.MaxHostOffset
            ? new(IoStatus.IoError)
            : File.ReadAsync(new ByteRange(offset, target.Length), target);

    /// <summary>Writes metadata into the image file. Ordered against later writes only by <see cref="BarrierAsync"/>.</summary>
    public ValueTask<IoStatus> WriteFileAsync(long offset, ReadOnlyMemory<byte> data)
    {
        if (offset is < 0 or > Qcow2Geometry.MaxHostOffset)
        {
            return new(IoStatus.IoError);
        }
        hasUnflushedWrites = true;
        return File.WriteAsync(new ByteRange(offset, data.Length), data);
    }

    /// <summary>Notes that guest data was written which must be durable before what refers to it is written.</summary>
    public void NoteWrite() => hasUnflushedWrites = true;

    /// <summary>Makes all that <see cref="WriteFileAsync"/> and <see cref="NoteWrite"/> saw durable, if there is anything.</summary>
    public async ValueTask<IoStatus> BarrierAsync()
    {
        if (!hasUnflushedWrites)
        {
            return IoStatus.Ok;
        }
        hasUnflushedWrites = false;
        var status = await File.FlushAsync();
        hasUnflushedWrites |= status != IoStatus.Ok;
        return status;
    }

    /// <summary>Writes the whole header cluster anew and makes it durable; under the lock.</summary>
    public async ValueTask<IoStatus> UpdateHeaderAsync()
    {
        using var cluster = AlignedBufferPool.Shared.Rent(Geometry.ClusterSize);
        try
        {
            _ = Header.Serialise(cluster.GetSpan());
        }
        catch (BlockException error)
        {
            return error.Status;
        }
        var status = await WriteFileAsync(0, cluster.Memory);
        return status == IoStatus.Ok ? await BarrierAsync() : status;
    }

    /// <summary>
    /// After a write of the header failed, and the old fields are back in memory: writes them, since the new ones may be on the
    /// medium all the same. False when that fails too: nobody knows then what the header says, and the image serves no further
    /// request. Under the lock.
    /// </summary>
    public async ValueTask<bool> RestoreHeaderAsync()
    {
        if (await UpdateHeaderAsync() == IoStatus.Ok)
        {
            return true;
        }
        IsUnusable = true;
        Node.Graph.Warn($"The header of node '{Node.Name}' could not be written; the node serves no further request");
        return false;
    }

    /// <summary>Writes only the feature fields (nothing in version 2, which has none) and makes them durable.</summary>
    public async ValueTask<IoStatus> UpdateFeaturesAsync()
    {
        if (Header.Version < 3)
        {
            return IoStatus.Ok;
        }
        using var buffer = AlignedBufferPool.Shared.Rent(24);
        Header.WriteFeatures(buffer.GetSpan());
        var status = await WriteFileAsync(72, buffer.Memory);
        return status == IoStatus.Ok ? await BarrierAsync() : status;
    }

    /// <summary>Throws "<paramref name="message"/>: strerror" unless the status is good.</summary>
    public static void Check(IoStatus status, string message)
    {
        if (status != IoStatus.Ok)
        {
            throw new BlockException(status, message);
        }
    }

    private void NoteMetadata()
    {
        Metadata.SetRange(MetadataKinds.MainHeader, 0, Geometry.ClusterSize);
        NoteL1();
        NoteRefcountTable();
        Metadata.ClearClusters();
        foreach (var block in Refcounts.Table)
        {
            if (block != 0)
            {
                Metadata.Add(Geometry.ClusterOf(block), MetadataKinds.RefcountBlock);
            }
        }
        for (var i = 0; i < L1.Entries; i++)
        {
            if (L1.OffsetOf(i) is var table and not 0)
            {
                Metadata.Add(Geometry.ClusterOf(table), MetadataKinds.ActiveL2);
            }
        }
    }

    /// <summary>Notes anew where the L1 table lies.</summary>
    public void NoteL1() => Metadata.SetRange(MetadataKinds.ActiveL1, Header.L1Offset, Header.L1Entries * 8L);

    /// <summary>Notes anew where the refcount table lies.</summary>
    public void NoteRefcountTable() =>
        Metadata.SetRange(
            MetadataKinds.RefcountTable,
            Header.RefcountTableOffset,
            (long)Header.RefcountTableClusters << Geometry.ClusterBits
        );
}
