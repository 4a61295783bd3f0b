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
        await Lock.EnterAsync();
        try
        {
            var counted = await Refcounts.CountUsedAsync(Geometry.ClustersFor(end), threshold);
            return counted.Status == IoStatus.Ok && (long)counted.Value >= threshold;
        }
        finally
        {
            Lock.Exit();
        }
    }
}
