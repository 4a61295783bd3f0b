using Tidemark.Core.Memory;

namespace Tidemark.Cli.Io;

/// <summary>Memory of a request: aligned, or with -m off by 16 bytes, to see what the layers below do about it.</summary>
internal sealed class IoBuffer : IDisposable
{
    private const int Misalignment = 16;
    private readonly AlignedBuffer? owner;

    /// <summary>Rents it.</summary>
    public IoBuffer(int length, bool misaligned)
    {
        if (length == 0)
        {
            return;
        }
        var shift = misaligned ? Misalignment : 0;
        owner = AlignedBufferPool.Shared.Rent(length + shift);
        Memory = owner.Memory.Slice(shift, length);
    }

    /// <summary>The bytes.</summary>
    public Memory<byte> Memory { get; }

    /// <inheritdoc/>
    public void Dispose() => ((IDisposable?)owner)?.Dispose();
}
