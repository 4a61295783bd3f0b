using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Check;
using Tidemark.Drivers.Qcow2.Header;

namespace Tidemark.Drivers.Qcow2;

internal sealed partial class Qcow2Driver : IImageChecker
{
    /// <inheritdoc/>
    public async ValueTask<ImageCheckResult> CheckAsync(ImageRepair repair, Action<string> report)
    {
        var (result, storeBitmaps) = await CheckUnderLockAsync(repair, report);
        if (storeBitmaps)
        {
            // Closing the image stores them.
            await bitmaps.BeginUseAsync();
        }
        return result;
    }

    private async ValueTask<(ImageCheckResult Result, bool StoreBitmaps)> CheckUnderLockAsync(
        ImageRepair repair,
        Action<string> report
    )
    {
        await Image.Lock.EnterAsync();
        try
        {
            if (!Node.IsReadOnly)
            {
                Qcow2Image.Check(await Image.WriteAllAsync(), "Check failed");
                await ClearUnknownAutoclearAsync();
            }
            var checker = new Qcow2Checker(new ChildCheckStorage(Image.File), CheckLayout.Of(Image.Header), repair, report);
            if (repair == ImageRepair.None)
            {
                return (await checker.CheckAsync(), false);
            }
            try
            {
                _ = await checker.CheckAsync();
            }
            finally
            {
                await TakeUpRepairsAsync(checker);
            }
            await WriteSnapshotsAsync(checker);
            await ClearMarksAsync(checker.Result);
            return (checker.Result, checker.HasBitmapsOutside);
        }
        finally
        {
            Image.Lock.Exit();
        }
    }

    // Their table is written where the mended refcounts say that there is room.
    private async ValueTask WriteSnapshotsAsync(Qcow2Checker checker)
    {
        if (checker.MendedSnapshots is not { } snapshots)
        {
            return;
        }
        Qcow2Image.Check(await Image.Snapshots.ReplaceAsync(snapshots, checker.SnapshotTableBytes), "Check failed");
        checker.NoteSnapshotsWritten();
    }

    /// <summary>The check has changed the file past the caches: what they hold is read anew.</summary>
    private async ValueTask TakeUpRepairsAsync(Qcow2Checker checker)
    {
        var header = Image.Header;
        (header.RefcountTableOffset, header.RefcountTableClusters) = (checker.RefcountTableOffset, checker.RefcountTableClusters);
        Image.L2.DropAll();
        await Image.LoadTablesAsync(forCheck: true);
        bitmaps.NoteDirectory();
    }

    /// <summary>An image without errors is neither dirty nor corrupt any more.</summary>
    private async ValueTask ClearMarksAsync(ImageCheckResult result)
    {
        if (result.CheckErrors > 0 || result.Corruptions > 0)
        {
            return;
        }
        Qcow2Image.Check(await Image.MarkCleanAsync(), "Check failed");
        if (Image.Header.IsCorrupt)
        {
            Image.Header.IncompatibleFeatures &= ~Qcow2Features.Corrupt;
            Qcow2Image.Check(await Image.UpdateFeaturesAsync(), "Check failed");
        }
    }
}
