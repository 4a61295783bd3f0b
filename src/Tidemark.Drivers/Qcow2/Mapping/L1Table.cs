using System.Buffers.Binary;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Drivers.Qcow2.Header;
using Tidemark.Drivers.Qcow2.Metadata;

namespace Tidemark.Drivers.Qcow2.Mapping;

/// <summary>The active L1 table: where each L2 table lies. In memory as a whole; changes are written by the write-back.</summary>
internal sealed class L1Table(Qcow2Image image)
{
    private ulong[] entries = [];
    private int firstDirty = int.MaxValue;
    private int lastDirty = -1;

    /// <summary>Number of entries.</summary>
    public int Entries => entries.Length;

    /// <summary>Whether memory is newer than the file.</summary>
    public bool IsDirty => lastDirty >= 0;

    /// <summary>The entry as on disk. Setting it makes it dirty.</summary>
    public ulong this[int index]
    {
        get => entries[index];
        set
        {
            entries[index] = value;
            firstDirty = Math.Min(firstDirty, index);
            lastDirty = Math.Max(lastDirty, index);
        }
    }

    /// <summary>Where the L2 table of the entry lies, bytes; 0 where there is none.</summary>
    public long OffsetOf(int index) => (long)(entries[index] & Qcow2Geometry.OffsetMask);

    /// <summary>Whether the L2 table is referenced once and may be changed in place.</summary>
    public bool IsCopied(int index) => (entries[index] & EntryBits.Copied) != 0;

    /// <summary>Reads the table that the header names.</summary>
    public async ValueTask<IoStatus> LoadAsync()
    {
        var count = image.Header.L1Entries;
        var loaded = new ulong[count];
        if (count > 0)
        {
            using var buffer = AlignedBufferPool.Shared.Rent(count * 8);
            var status = await image.ReadFileAsync(image.Header.L1Offset, buffer.Memory);
            if (status != IoStatus.Ok)
            {
                return status;
            }
            for (var i = 0; i < count; i++)
            {
                loaded[i] = BinaryPrimitives.ReadUInt64BigEndian(buffer.GetSpan()[(i * 8)..]);
            }
        }
        Replace(loaded);
        return IoStatus.Ok;
    }

    /// <summary>Takes another table in place of this one; it is on disk already.</summary>
    public void Replace(ulong[] replacement)
    {
        entries = replacement;
        (firstDirty, lastDirty) = (int.MaxValue, -1);
    }

    /// <summary>Copies the entries, with room for <paramref name="count"/>.</summary>
    public ulong[] CopyTo(int count)
    {
        var copy = new ulong[count];
        entries.AsSpan(0, Math.Min(count, entries.Length)).CopyTo(copy);
        return copy;
    }

    /// <summary>Writes what is dirty, in whole sectors. What it names is on disk already.</summary>
    public async ValueTask<IoStatus> WriteBackAsync()
    {
        if (lastDirty < 0)
        {
            return IoStatus.Ok;
        }
        var first = firstDirty & ~63;
        var count = Math.Min((lastDirty | 63) + 1, entries.Length) - first;
        using var buffer = AlignedBufferPool.Shared.Rent(count * 8);
        Encode(entries.AsSpan(first, count), buffer.GetSpan());
        var offset = image.Header.L1Offset + (first * 8L);
        var status = await image.CheckOverlapAsync(MetadataKinds.ActiveL1, offset, count * 8);
        if (status == IoStatus.Ok)
        {
            await image.File.RaiseAsync(DebugEvent.L1Update);
            status = await image.WriteFileAsync(offset, buffer.Memory);
        }
        if (status == IoStatus.Ok)
        {
            (firstDirty, lastDirty) = (int.MaxValue, -1);
        }
        return status;
    }

    /// <summary>Writes entries as they are on disk.</summary>
    public static void Encode(ReadOnlySpan<ulong> entries, Span<byte> target)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(target[(i * 8)..], entries[i]);
        }
    }
}
