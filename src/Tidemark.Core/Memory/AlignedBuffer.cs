using System.Buffers;
using System.Runtime.InteropServices;
using Tidemark.Core.Errors;

namespace Tidemark.Core.Memory;

/// <summary>
/// A page-aligned block of native memory, good for O_DIRECT. Whoever rented it returns it by <see cref="IDisposable.Dispose"/>,
/// once, when no request uses it any more. Its content is not cleared.
/// </summary>
public sealed unsafe class AlignedBuffer : MemoryManager<byte>
{
    /// <summary>Alignment of every buffer, bytes.</summary>
    public const int PageSize = 4096;

    private readonly AlignedBufferPool? pool;
    private byte* pointer;
    private int length;

    internal AlignedBuffer(int capacity, AlignedBufferPool? pool)
    {
        this.pool = pool;
        Capacity = capacity;
        length = capacity;
        pointer = (byte*)NativeMemory.AlignedAlloc((nuint)capacity, PageSize);
    }

    /// <summary>Bytes that it can hold.</summary>
    public int Capacity { get; }

    /// <summary>Bytes that were asked for.</summary>
    public int Length => length;

    /// <summary>Address of the first byte; valid until the buffer is returned.</summary>
    public byte* Pointer => pointer;

    /// <summary>A buffer of its own, outside any pool, of at least <paramref name="length"/> bytes.</summary>
    public static AlignedBuffer Allocate(int length) => new(Math.Max(length, 1), null);

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(pointer, length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        Invariant.That((uint)elementIndex <= (uint)length, "pin lies in the buffer");
        return new MemoryHandle(pointer + elementIndex, default, this);
    }

    /// <inheritdoc/>
    public override void Unpin() { }

    internal void Lend(int bytes) => length = bytes;

    internal void Free()
    {
        NativeMemory.AlignedFree(pointer);
        pointer = null;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Invariant.That(pointer != null, "a buffer is returned once");
        if (pool is null || !pool.Keep(this))
        {
            Free();
        }
    }
}
