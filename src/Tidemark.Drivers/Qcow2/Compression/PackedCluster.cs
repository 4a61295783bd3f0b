using Tidemark.Core.Memory;
using Tidemark.Drivers.Qcow2.Header;

namespace Tidemark.Drivers.Qcow2.Compression;

/// <summary>A cluster on its way into packed form. <see cref="Pack()"/> may run on any thread, once.</summary>
/// <param name="source">Its content; the last cluster of a disk may be short, and is packed with zeroes behind it.</param>
/// <param name="clusterSize">Bytes of a cluster.</param>
/// <param name="type">How to pack.</param>
internal sealed class PackedCluster(ReadOnlyMemory<byte> source, int clusterSize, CompressionType type) : IDisposable
{
    private readonly AlignedBuffer buffer = AlignedBufferPool.Shared.Rent(clusterSize);

    /// <summary>Bytes of the packed form; 0 when packing makes the cluster no smaller.</summary>
    public int Length { get; private set; }

    /// <summary>The packed form.</summary>
    public ReadOnlyMemory<byte> Packed => buffer.Memory[..Length];

    /// <summary>Packs; gives <see cref="Length"/>.</summary>
    public int Pack()
    {
        if (source.Length == clusterSize)
        {
            return Length = Pack(source.Span);
        }
        using var whole = AlignedBufferPool.Shared.Rent(clusterSize);
        whole.GetSpan().Clear();
        source.Span.CopyTo(whole.GetSpan());
        return Length = Pack(whole.GetSpan());
    }

    /// <inheritdoc/>
    public void Dispose() => ((IDisposable)buffer).Dispose();

    // One byte less than a cluster: what is as large is better off as it is.
    private int Pack(ReadOnlySpan<byte> content) =>
        type == CompressionType.Zstd
            ? Zstd.Compress(content, buffer.GetSpan()[..(clusterSize - 1)])
            : Deflate.Compress(content, buffer.GetSpan()[..(clusterSize - 1)]);
}
