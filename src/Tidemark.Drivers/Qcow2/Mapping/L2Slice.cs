using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Tidemark.Core.Memory;

namespace Tidemark.Drivers.Qcow2.Mapping;

/// <summary>A slice of an L2 table in memory.</summary>
internal sealed unsafe class L2Slice(long hostOffset, AlignedBuffer buffer)
{
    private readonly ulong* entries = (ulong*)buffer.Pointer;

    /// <summary>Where it lies in the image file, bytes.</summary>
    public long HostOffset { get; } = hostOffset;

    /// <summary>Its content as on disk.</summary>
    public AlignedBuffer Buffer { get; } = buffer;

    /// <summary>Whether the content has come from the file yet.</summary>
    public bool IsLoading { get; set; }

    /// <summary>Whether the content is newer than the file's. Set by the cache.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Bit 0: used since eviction last passed it; bit 1: used since the last cleaning. A use sets both.</summary>
    public byte Uses { get; set; }

    /// <summary>Its index in the cache's list; -1 once it was dropped.</summary>
    public int Position { get; set; }

    /// <summary>How many hold it fast; it is not evicted then.</summary>
    public int Pins { get; set; }

    /// <summary>The entry of this index in the slice.</summary>
    public ulong this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => BinaryPrimitives.ReverseEndianness(entries[index]);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set => entries[index] = BinaryPrimitives.ReverseEndianness(value);
    }
}
