using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Qcow2.Refcounts;

// Room for packed clusters, which lie byte behind byte. Each counts one reference to every host cluster that it touches:
//
//   host cluster  |aaaaabbbbbbbcc|ccccdd........|
//   refcount             3              2       ^ nextByte
internal sealed partial class RefcountStore
{
    // Where the next packed cluster may begin, within a cluster that has room left; 0 for none.
    private long nextByte;

    /// <summary>
    /// Allocates fewer bytes than a cluster has, behind the packed cluster before where that has left room. The clusters that they
    /// touch have one reference more afterwards.
    /// </summary>
    public async ValueTask<ClusterAllocation> AllocateBytesAsync(int bytes)
    {
        Invariant.That(bytes > 0 && bytes < geometry.ClusterSize, "a packed cluster is smaller than a cluster");
        var room = geometry.ClusterSize - geometry.OffsetInCluster(nextByte);
        if (nextByte != 0 && await IsFullAsync(geometry.ClusterOf(nextByte)))
        {
            nextByte = 0;
        }
        var (offset, first) = (nextByte, nextByte);
        if (nextByte == 0 || room < bytes)
        {
            var fresh = await AllocateAsync(1);
            if (fresh.Status != IoStatus.Ok)
            {
                return fresh;
            }
            // A cluster right behind is taken together with the room that is left.
            var follows = nextByte != 0 && geometry.ClusterEnd(nextByte) == fresh.Offset;
            offset = follows ? nextByte : fresh.Offset;
            first = follows ? nextByte : 0;
        }
        if (first != 0)
        {
            // The fresh cluster, if there is one, has its reference already.
            var shared = Math.Min(bytes, geometry.ClusterSize - geometry.OffsetInCluster(first));
            var status = await AddReferenceAsync(first, shared);
            if (status != IoStatus.Ok)
            {
                if (shared < bytes)
                {
                    _ = await ReleaseAsync(geometry.ClusterEnd(first), 1);
                }
                return new(status, 0);
            }
        }
        nextByte = geometry.IsClusterAligned(offset + bytes) ? 0 : offset + bytes;
        return new(IoStatus.Ok, offset);
    }

    // With narrow refcounts a cluster can't be shared by as many as would fit.
    private async ValueTask<bool> IsFullAsync(long cluster)
    {
        var refcount = await GetAsync(cluster);
        return refcount.Status != IoStatus.Ok || refcount.Value == 0 || refcount.Value == geometry.MaxRefcount;
    }
}
