using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Header;

namespace Tidemark.Drivers.Qcow2.Compression;

/// <summary>
/// Reads compressed clusters. The one read last is kept unpacked, since small reads come in rows; large ones are unpacked by
/// a worker.
/// </summary>
internal sealed class CompressedClusters(Qcow2Image image)
{
    private const int InlineBytes = 16384;
    private AlignedBuffer? kept;
    private ulong keptEntry;
    private int generation;

    /// <summary>Fills <paramref name="target"/> from <paramref name="inCluster"/> on in the cluster that the L2 entry describes.</summary>
    public async ValueTask<IoStatus> ReadAsync(ulong entry, int inCluster, Memory<byte> target)
    {
        if (kept is null || keptEntry != entry)
        {
            var status = await LoadAsync(entry, inCluster, target);
            return status;
        }
        kept.GetSpan().Slice(inCluster, target.Length).CopyTo(target.Span);
        return IoStatus.Ok;
    }

    /// <summary>Lets go of the kept cluster: what an entry means has changed, or the image is closed.</summary>
    public void Forget()
    {
        ((IDisposable?)kept)?.Dispose();
        kept = null;
        generation++;
    }

    private async ValueTask<IoStatus> LoadAsync(ulong entry, int inCluster, Memory<byte> target)
    {
        var (offset, length) = image.Geometry.DecodeCompressed(entry);
        using var packed = AlignedBufferPool.Shared.Rent(length);
        var before = generation;
        var host = new ByteRange(offset, length);
        // While it is read the place is not given to another.
        image.BeginHostIo(host);
        var status = await image.ReadFileAsync(offset, packed.Memory);
        image.EndHostIo(host);
        if (status != IoStatus.Ok)
        {
            return status;
        }
        var cluster = AlignedBufferPool.Shared.Rent(image.Geometry.ClusterSize);
        var work = new Work(packed, cluster, image.Header.CompressionType);
        var unpacked =
            cluster.Length <= InlineBytes ? work.Run() : await image.Node.Graph.Engine.OffloadAsync(static w => w.Run(), work);
        if (!unpacked)
        {
            ((IDisposable)cluster).Dispose();
            return IoStatus.IoError;
        }
        cluster.GetSpan().Slice(inCluster, target.Length).CopyTo(target.Span);
        if (generation != before)
        {
            // Meanwhile the entry may have come to mean another cluster.
            ((IDisposable)cluster).Dispose();
            return IoStatus.Ok;
        }
        Forget();
        (kept, keptEntry) = (cluster, entry);
        return IoStatus.Ok;
    }

    private sealed record Work(AlignedBuffer Packed, AlignedBuffer Cluster, CompressionType Type)
    {
        public bool Run() =>
            Type == CompressionType.Zstd
                ? Zstd.TryDecompress(Packed.GetSpan(), Cluster.GetSpan())
                : Deflate.TryDecompress(Packed, Cluster.GetSpan());
    }
}
