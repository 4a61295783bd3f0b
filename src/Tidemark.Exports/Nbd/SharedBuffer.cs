using Tidemark.Core.Errors;
using Tidemark.Core.Memory;

namespace Tidemark.Exports.Nbd;

/// <summary>A buffer in which several requests have a stake; whoever drops the last one returns it to the pool.</summary>
internal sealed class SharedBuffer
{
    private readonly AlignedBuffer buffer;
    private int stakes = 1;

    /// <summary>A buffer of <paramref name="length"/> bytes with one stake, the caller's.</summary>
    public SharedBuffer(int length)
    {
        buffer = AlignedBufferPool.Shared.Rent(length);
        Memory = buffer.Memory;
    }

    /// <summary>All of it.</summary>
    public Memory<byte> Memory { get; }

    /// <summary>Bytes that it holds.</summary>
    public int Length => buffer.Length;

    /// <summary>Whether the caller's stake is the only one.</summary>
    public bool IsSole => stakes == 1;

    /// <summary>All of it, now.</summary>
    public Span<byte> Span => buffer.GetSpan();

    /// <summary>One more user.</summary>
    public void Share()
    {
        Invariant.That(stakes > 0, "a returned buffer is not shared");
        stakes++;
    }

    /// <summary>One user less.</summary>
    public void Drop()
    {
        if (--stakes == 0)
        {
            ((IDisposable)buffer).Dispose();
        }
    }
}
