using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Snapshots;

namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>What the steps of one check share.</summary>
/// <param name="storage">The image file.</param>
/// <param name="layout">Where its metadata lies.</param>
/// <param name="repair">What to mend.</param>
/// <param name="report">Takes each finding as a line.</param>
internal sealed class CheckRun(ICheckStorage storage, CheckLayout layout, ImageRepair repair, Action<string> report)
{
    /// <summary>The image file.</summary>
    public ICheckStorage Storage => storage;

    /// <summary>Where its metadata lies.</summary>
    public CheckLayout Layout => layout;

    /// <summary>Whether wrong references and refcounts are mended.</summary>
    public bool RepairsErrors => (repair & ImageRepair.Errors) != 0;

    /// <summary>Whether leaked clusters are freed.</summary>
    public bool RepairsLeaks => (repair & ImageRepair.Leaks) != 0;

    /// <summary>What has been found and mended so far.</summary>
    public ImageCheckResult Result { get; } = new();

    /// <summary>References counted so far.</summary>
    public ReferenceCounts References { get; } = new(layout.MaxRefcount);

    /// <summary>The refcounts as the image records them; another one after they have been rebuilt.</summary>
    public RefcountMap Refcounts { get; set; } = null!; // loaded before any step runs; null until then

    /// <summary>Whether the recorded refcounts are too broken to be mended in place.</summary>
    public bool NeedsRebuild { get; set; }

    /// <summary>Highest cluster in use or recorded as such; -1 for none.</summary>
    public long HighestCluster { get; set; } = -1;

    /// <summary>Clusters that were leaked and are free now, in rising order.</summary>
    public List<long> Freed { get; } = [];

    /// <summary>Snapshots whose tables count, in the order of the table.</summary>
    public IReadOnlyList<Qcow2Snapshot> Snapshots { get; set; } = [];

    /// <summary>What is wrong with the snapshot table; a repair that mends errors has mended it in <see cref="Snapshots"/>.</summary>
    public int SnapshotCorruptions { get; set; }

    /// <summary>Whether a stored bitmap names places where no file is; it reads as clean there, and is well once it is stored anew.</summary>
    public bool HasBitmapsOutside { get; set; }

    /// <summary>Length of the image file, bytes, as of the last <see cref="MeasureFile"/>.</summary>
    public long FileLength { get; private set; } = storage.Length;

    /// <summary>Length of the snapshot table as its entries add up, bytes.</summary>
    public long SnapshotTableBytes { get; set; }

    /// <summary>Looks anew how long the file is.</summary>
    public void MeasureFile() => FileLength = storage.Length;

    /// <summary>A finding, as a line for people.</summary>
    public void Report(string line) => report(line);

    /// <summary>A finding that is an error.</summary>
    public void ReportCorruption(string line)
    {
        report(line);
        Result.Corruptions++;
    }

    /// <summary>A place that could not be checked.</summary>
    public void ReportFailure(string line)
    {
        report(line);
        Result.CheckErrors++;
    }

    /// <summary>The failure of the whole check, after a line that says why.</summary>
    public BlockException Fail(string line, IoStatus status)
    {
        ReportFailure(line);
        return new(status, "Check failed");
    }

    /// <summary>Counts references of all clusters that hold bytes of <c>[offset, offset + length)</c>.</summary>
    public void AddReferences(long offset, long length)
    {
        if (length <= 0)
        {
            return;
        }
        // The last cluster need not be in the file as a whole, but a cluster must begin in it.
        if (offset is < 0 or >= CheckLimits.FileBytes || offset + length - FileLength >= layout.ClusterSize)
        {
            ReportCorruption(
                $"ERROR: counting reference for region exceeding the end of the file by one cluster or more: offset 0x{offset:x} size 0x{length:x}"
            );
            return;
        }
        var last = layout.ClusterOf(offset + length - 1);
        for (var cluster = layout.ClusterOf(offset); cluster <= last; cluster++)
        {
            if (!References.TryAdd(cluster))
            {
                ReportCorruption($"ERROR: overflow cluster offset=0x{cluster << layout.ClusterBits:x}");
                report(
                    "Use qemu-img amend to increase the refcount entry width or qemu-img convert to create a clean copy if the image cannot be opened for writing"
                );
            }
        }
    }
}
