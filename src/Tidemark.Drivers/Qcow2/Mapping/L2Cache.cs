using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using Tidemark.Block.Contract;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Drivers.Qcow2.Metadata;

namespace Tidemark.Drivers.Qcow2.Mapping;

/// <summary>
/// Slices of L2 tables, a bounded number of them, by their place in the image file. A hit is a plain call. Clean slices are
/// evicted by second chance; dirty ones stay until the write-back, because refcounts must be on disk before them.
/// </summary>
internal sealed class L2Cache(Qcow2Image image, int capacity, int sliceBytes)
{
    private readonly Dictionary<long, L2Slice> slices = [];
    private readonly List<L2Slice> clock = [];
    private readonly LoopSignal loaded = new();
    private readonly int sliceEntriesBits = BitOperations.Log2((uint)sliceBytes) - 3;
    private L2Slice? latest;
    private int hand;
    private int dirty;
    private int moves;

    /// <summary>Bytes of a slice.</summary>
    public int SliceBytes => sliceBytes;

    /// <summary>Log2 of the entries of a slice.</summary>
    public int SliceEntriesBits => sliceEntriesBits;

    /// <summary>Entries of a slice.</summary>
    public int SliceEntries => 1 << sliceEntriesBits;

    /// <summary>Slices in memory.</summary>
    public int Count => clock.Count;

    /// <summary>Whether any slice is newer than the file.</summary>
    public bool IsDirty => dirty > 0;

    /// <summary>The slice at this place of the image file if it is in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(long hostOffset, [NotNullWhen(true)] out L2Slice? slice)
    {
        slice = latest;
        if (slice is not null && slice.HostOffset == hostOffset)
        {
            slice.Uses = 3;
            return true;
        }
        return TryFind(hostOffset, out slice);
    }

    /// <summary>Brings the slice at this place into memory. Many may be on the way at once; needs no lock unless all that could be evicted is dirty.</summary>
    /// <param name="hostOffset">Where it lies.</param>
    /// <param name="underLock">Whether the caller holds the image's lock.</param>
    public async ValueTask<IoStatus> LoadAsync(long hostOffset, bool underLock)
    {
        while (true)
        {
            if (slices.TryGetValue(hostOffset, out var present))
            {
                if (!present.IsLoading)
                {
                    return IoStatus.Ok;
                }
                await loaded.WaitAsync();
                continue;
            }
            if (TryMakeRoom())
            {
                return await ReadAsync(hostOffset);
            }
            var status = await CleanForRoomAsync(underLock);
            if (status != IoStatus.Ok)
            {
                return status;
            }
        }
    }

    /// <summary>Enters a slice whose content the caller fills now; it is dirty. Under the lock, room has been made.</summary>
    public L2Slice Create(long hostOffset)
    {
        Drop(hostOffset);
        var slice = Enter(hostOffset, loading: false);
        slice.Buffer.GetSpan().Clear();
        MarkDirty(slice);
        return slice;
    }

    /// <summary>Makes room for one more slice; under the lock.</summary>
    public async ValueTask<IoStatus> MakeRoomAsync()
    {
        while (!TryMakeRoom())
        {
            var status = await CleanForRoomAsync(underLock: true);
            if (status != IoStatus.Ok)
            {
                return status;
            }
        }
        return IoStatus.Ok;
    }

    /// <summary>Evicts a clean slice if the cache is full; false if it can't.</summary>
    public bool TryMakeRoom()
    {
        if (clock.Count < capacity)
        {
            return true;
        }
        for (var looked = 0; looked < clock.Count * 2; looked++)
        {
            hand = hand >= clock.Count ? 0 : hand;
            var slice = clock[hand];
            if (slice.IsDirty || slice.IsLoading || slice.Pins > 0 || (slice.Uses & 1) != 0)
            {
                slice.Uses &= 2;
                hand++;
                continue;
            }
            Forget(slice);
            return true;
        }
        return false;
    }

    /// <summary>Notes that a slice was changed; under the lock or without a wait.</summary>
    public void MarkDirty(L2Slice slice)
    {
        if (!slice.IsDirty)
        {
            slice.IsDirty = true;
            dirty++;
        }
    }

    /// <summary>Writes all dirty slices. What they name is on disk already; under the lock.</summary>
    public async ValueTask<IoStatus> WriteBackAsync()
    {
        for (var i = 0; dirty > 0 && i < clock.Count; i++)
        {
            var slice = clock[i];
            if (!slice.IsDirty)
            {
                continue;
            }
            var before = moves;
            var status = await image.CheckOverlapAsync(MetadataKinds.ActiveL2, slice.HostOffset, sliceBytes);
            if (status == IoStatus.Ok)
            {
                slice.Pins++;
                await image.File.RaiseAsync(DebugEvent.L2Update);
                status = await image.WriteFileAsync(slice.HostOffset, slice.Buffer.Memory);
                slice.Pins--;
            }
            if (status != IoStatus.Ok)
            {
                return status;
            }
            slice.IsDirty = false;
            dirty--;
            // Loads by readers may have moved dirty slices to places that were passed already.
            i = moves == before ? i : -1;
        }
        return IoStatus.Ok;
    }

    /// <summary>Forgets the slices of the table that begins here, dirty or not: it is freed or moved.</summary>
    public void DropTable(long tableOffset)
    {
        for (var offset = tableOffset; offset < tableOffset + image.Geometry.ClusterSize; offset += sliceBytes)
        {
            Drop(offset);
        }
    }

    /// <summary>Forgets everything, dirty or not.</summary>
    public void DropAll()
    {
        foreach (var slice in clock.ToArray())
        {
            Drop(slice.HostOffset);
        }
    }

    /// <summary>Lets go of clean slices that were not used since the last call.</summary>
    public void ReleaseUnused()
    {
        foreach (var slice in clock.ToArray())
        {
            if ((slice.Uses & 2) == 0 && !slice.IsDirty && !slice.IsLoading && slice.Pins == 0)
            {
                Forget(slice);
            }
            slice.Uses &= 1;
        }
    }

    private bool TryFind(long hostOffset, [NotNullWhen(true)] out L2Slice? slice)
    {
        if (!slices.TryGetValue(hostOffset, out slice) || slice.IsLoading)
        {
            return false;
        }
        slice.Uses = 3;
        latest = slice;
        return true;
    }

    private async ValueTask<IoStatus> ReadAsync(long hostOffset)
    {
        var slice = Enter(hostOffset, loading: true);
        await image.File.RaiseAsync(DebugEvent.L2Load);
        var status = await image.ReadFileAsync(hostOffset, slice.Buffer.Memory);
        slice.IsLoading = false;
        if (slice.Position < 0)
        {
            // Its table went away meanwhile; the waiters look again.
            ((IDisposable)slice.Buffer).Dispose();
        }
        else if (status != IoStatus.Ok)
        {
            Forget(slice);
        }
        loaded.Wake();
        return status;
    }

    private async ValueTask<IoStatus> CleanForRoomAsync(bool underLock)
    {
        if (dirty == 0)
        {
            // Every slice is on its way in: one of them will be there soon.
            await loaded.WaitAsync();
            return IoStatus.Ok;
        }
        if (underLock)
        {
            return await image.WriteBackAsync();
        }
        await image.Lock.EnterAsync();
        try
        {
            return await image.WriteBackAsync();
        }
        finally
        {
            image.Lock.Exit();
        }
    }

    private L2Slice Enter(long hostOffset, bool loading)
    {
        var slice = new L2Slice(hostOffset, AlignedBufferPool.Shared.Rent(sliceBytes))
        {
            IsLoading = loading,
            Uses = 3,
            Position = clock.Count,
        };
        slices.Add(hostOffset, slice);
        clock.Add(slice);
        return slice;
    }

    private void Drop(long hostOffset)
    {
        if (slices.TryGetValue(hostOffset, out var slice))
        {
            dirty -= slice.IsDirty ? 1 : 0;
            slice.IsDirty = false;
            Forget(slice);
        }
    }

    private void Forget(L2Slice slice)
    {
        _ = slices.Remove(slice.HostOffset);
        var last = clock[^1];
        (clock[slice.Position], last.Position) = (last, slice.Position);
        clock.RemoveAt(clock.Count - 1);
        moves++;
        slice.Position = -1;
        latest = ReferenceEquals(latest, slice) ? null : latest;
        if (!slice.IsLoading)
        {
            ((IDisposable)slice.Buffer).Dispose();
        }
    }
}
