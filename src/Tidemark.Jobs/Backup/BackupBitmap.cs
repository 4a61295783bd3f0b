using Tidemark.Bitmaps;
using Tidemark.Core.Errors;

namespace Tidemark.Jobs.Backup;

/// <summary>
/// The bitmap of a backup while the backup has it: frozen, with a successor that records what is written meanwhile (contract J3).
/// </summary>
internal sealed class BackupBitmap
{
    private readonly DirtyBitmap bitmap;
    private readonly BitmapSyncMode mode;
    private bool isHandedBack;

    public BackupBitmap(DirtyBitmap bitmap, BitmapSyncMode mode)
    {
        this.bitmap = bitmap;
        this.mode = mode;
        bitmap.CreateSuccessor();
    }

    /// <summary>Whether a success clears it for good, on the medium too.</summary>
    public bool ForgetsAfterSuccess => bitmap.IsPersistent && mode != BitmapSyncMode.Never;

    /// <summary>Whether what was copied is cleared for good even after a failure, of a target that closes with the job or a persistent one.</summary>
    public bool ForgetsAfterFailure(bool closesTarget) => (closesTarget || bitmap.IsPersistent) && mode == BitmapSyncMode.Always;

    /// <summary>What it held at the point in time.</summary>
    public HierarchicalBitmap Content => bitmap.Content;

    /// <summary>Everything was copied.</summary>
    public void Succeed() => HandBack(consume: mode != BitmapSyncMode.Never);

    /// <summary>Not everything was: <paramref name="left"/> was not.</summary>
    public void Fail(HierarchicalBitmap left)
    {
        HandBack(consume: mode == BitmapSyncMode.Always);
        if (mode == BitmapSyncMode.Always)
        {
            bitmap.MergeContent(left);
        }
    }

    /// <summary>Nothing ever began: it is as it was, plus what was written.</summary>
    public void GiveUp() => HandBack(consume: false);

    private void HandBack(bool consume)
    {
        Invariant.That(!isHandedBack, "a bitmap is handed back once");
        isHandedBack = true;
        if (consume)
        {
            bitmap.Abdicate();
        }
        else
        {
            bitmap.Reclaim();
        }
    }
}
