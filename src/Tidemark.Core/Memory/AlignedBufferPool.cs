using System.Numerics;

namespace Tidemark.Core.Memory;

/// <summary>
/// Page-aligned buffers by power-of-two size, kept for reuse up to a bound. One pool belongs to one loop and is not
/// thread-safe: rent and return on the same thread.
/// </summary>
public sealed class AlignedBufferPool(long keepBytes = AlignedBufferPool.DefaultKeepBytes)
{
    /// <summary>How much free memory a pool keeps, bytes.</summary>
    public const long DefaultKeepBytes = 16L << 20;

    private const int SmallestShift = 12;
    private readonly Stack<AlignedBuffer>[] free = CreateStacks();
    private long kept;

    /// <summary>The pool of the calling thread.</summary>
    [field: ThreadStatic]
    public static AlignedBufferPool Shared => field ??= new AlignedBufferPool();

    /// <summary>A buffer of exactly <paramref name="length"/> visible bytes (more behind them); content undefined.</summary>
    public AlignedBuffer Rent(int length)
    {
        var shift = Math.Max(SmallestShift, BitOperations.Log2((uint)Math.Max(length, 1) - 1u) + 1);
        if (length <= 1)
        {
            shift = SmallestShift;
        }
        if (free[shift].TryPop(out var buffer))
        {
            kept -= buffer.Capacity;
        }
        else
        {
            buffer = new AlignedBuffer(1 << shift, this);
        }
        buffer.Lend(length);
        return buffer;
    }

    internal bool Keep(AlignedBuffer buffer)
    {
        if (kept + buffer.Capacity > keepBytes)
        {
            return false;
        }
        kept += buffer.Capacity;
        free[BitOperations.Log2((uint)buffer.Capacity)].Push(buffer);
        return true;
    }

    private static Stack<AlignedBuffer>[] CreateStacks()
    {
        var stacks = new Stack<AlignedBuffer>[31];
        for (var i = 0; i < stacks.Length; i++)
        {
            stacks[i] = new Stack<AlignedBuffer>();
        }
        return stacks;
    }
}
