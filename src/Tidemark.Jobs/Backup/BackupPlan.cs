using Tidemark.Bitmaps;
using Tidemark.Block.Copy;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;

namespace Tidemark.Jobs.Backup;

/// <summary>
/// A backup's arguments, checked in the order in which the reference does: it decides which of several mistakes is told.
/// </summary>
internal sealed record BackupPlan(
    BackupArguments Arguments,
    string JobId,
    BlockNode Source,
    BlockNode Target,
    DirtyBitmap? Bitmap,
    BitmapSyncMode Mode,
    BlockCopySettings Copying
)
{
    public static BackupPlan Check(BlockGraph graph, BackupArguments arguments)
    {
        var source = graph.Require(arguments.Device);
        var target = graph.Require(arguments.Target);
        var (bitmap, mode) = CheckBitmap(source, arguments);
        CheckNodes(source, target, arguments);
        var copying = CheckPerformance(arguments.XPerf ?? new BackupPerformance()) with
        {
            SkipUnallocated = arguments.Sync == BackupSync.Top,
            Compress = arguments.Compress,
        };
        if (source.SizeBytes != target.SizeBytes)
        {
            throw Invalid("Source and target image have different sizes");
        }
        return new(arguments, arguments.JobId ?? BlockJob.DefaultId(source), source, target, bitmap, mode, copying);
    }

    /// <summary>The cluster is known once the filter stands.</summary>
    public void CheckChunk(int clusterSize)
    {
        if (Copying.MaxChunkBytes > 0 && Copying.MaxChunkBytes < clusterSize)
        {
            throw Invalid($"Required max-chunk ({Copying.MaxChunkBytes}) is less than backup cluster size ({clusterSize})");
        }
    }

    private static (DirtyBitmap? Bitmap, BitmapSyncMode Mode) CheckBitmap(BlockNode source, BackupArguments arguments)
    {
        var (sync, mode) = (arguments.Sync, arguments.BitmapMode);
        if (sync is BackupSync.Incremental or BackupSync.Bitmap && arguments.Bitmap is null)
        {
            throw Invalid($"must provide a valid bitmap name for '{sync.ToWord()}' sync mode");
        }
        if (sync == BackupSync.Incremental)
        {
            if (mode is not (null or BitmapSyncMode.OnSuccess))
            {
                throw Invalid("Bitmap sync mode must be 'on-success' when using sync mode 'incremental'");
            }
            mode = BitmapSyncMode.OnSuccess;
        }
        if (arguments.Bitmap is not { } name)
        {
            return mode is null
                ? (null, BitmapSyncMode.Never)
                : throw Invalid("Cannot specify bitmap sync mode without a bitmap");
        }
        var bitmap =
            source.Bitmaps.Find(name) ?? throw new BlockException(BlockErrorKind.NotFound, $"Bitmap '{name}' could not be found");
        if (mode is null)
        {
            throw Invalid("Bitmap sync mode must be given when providing a bitmap");
        }
        // One that must not be written can still be read by a backup that leaves it alone.
        bitmap.Check(mode == BitmapSyncMode.Never ? BitmapAccess.Read : BitmapAccess.Modify);
        if (sync == BackupSync.None)
        {
            throw Invalid("sync mode 'none' does not produce meaningful bitmap outputs");
        }
        if (sync is BackupSync.Full or BackupSync.Top && mode == BitmapSyncMode.Never)
        {
            throw Invalid($"Bitmap sync mode 'never' has no meaningful effect when combined with sync mode '{sync.ToWord()}'");
        }
        return (bitmap, mode.Value);
    }

    private static void CheckNodes(BlockNode source, BlockNode target, BackupArguments arguments)
    {
        if (ReferenceEquals(source, target))
        {
            throw Invalid("Source and target cannot be the same");
        }
        if (arguments.Compress && !target.Driver.SupportsCompression)
        {
            // The reference names the target's device here, which a target hardly ever has.
            throw new BlockException(BlockErrorKind.NotSupported, "Compression is not supported for this drive ");
        }
        source.RequireUnblocked(BlockOperation.BackupSource);
        target.RequireUnblocked(BlockOperation.BackupTarget);
    }

    private static BlockCopySettings CheckPerformance(BackupPerformance wanted)
    {
        if (wanted.MaxWorkers is < 1 or > int.MaxValue)
        {
            throw Invalid($"max-workers must be between 1 and {int.MaxValue}");
        }
        if (wanted.MaxChunk < 0)
        {
            throw Invalid("max-chunk must be zero (which means no limit) or positive");
        }
        return new()
        {
            UseCopyRange = wanted.UseCopyRange,
            MaxWorkers = (int)wanted.MaxWorkers,
            MaxChunkBytes = wanted.MaxChunk,
        };
    }

    private static BlockException Invalid(string message) => new(BlockErrorKind.InvalidOptions, message);
}
