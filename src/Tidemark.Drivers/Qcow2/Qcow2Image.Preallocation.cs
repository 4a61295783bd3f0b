using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Qcow2;

internal sealed partial class Qcow2Image
{
    /// <summary>
    /// Whether clearly more clusters are referenced than the file takes on its file system: then tables were made ahead
    /// (preallocation=metadata), and data clusters may be holes. A guess, by the reference's measure; false if it can't be told.
    /// </summary>
    public async ValueTask<bool> DetectPreallocatedMetadataAsync()
    {
        var allocated = File.Node.Driver.AllocatedBytes;
        var end = File.SizeBytes;
        if (allocated < 0)
        {
            return false;
        }
        var real = allocated / Geometry.ClusterSize;
        var threshold = Math.Max(real * 10 / 9, real + 2);
        var last = Geometry.ClustersFor(end);
        var counted = 0L;
        await Lock.EnterAsync();
        try
        {
            for (var cluster = 0L; cluster < last && counted < threshold; cluster++)
            {
                var refcount = await Refcounts.GetAsync(cluster);
                if (refcount.Status != IoStatus.Ok)
                {
                    return false;
                }
                counted += refcount.Value != 0 ? 1 : 0;
            }
        }
        finally
        {
            Lock.Exit();
        }
        return counted >= threshold;
    }
}
