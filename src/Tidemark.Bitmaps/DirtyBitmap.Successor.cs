using Tidemark.Core.Errors;

namespace Tidemark.Bitmaps;

/// <summary>
/// The time of a job. The parent stands still, so that the job copies what was dirty at its start; the successor sees what is
/// written meanwhile. How the job ends decides what is left (contract J3):
/// <code>
///   parent (old bits)  ──CreateSuccessor──▶  frozen parent  +  successor (new bits)
///                                               │
///                      Reclaim: old or new  ◀───┴───▶  Abdicate: new only
/// </code>
/// </summary>
public sealed partial class DirtyBitmap
{
    /// <summary>
    /// Freezes this bitmap; writes are recorded by a nameless successor, if this one was recording. Throws
    /// <see cref="BlockException"/>, unchanged, when there is no memory for it.
    /// </summary>
    public void CreateSuccessor()
    {
        var next = BitmapTransitions.Require(Phase, BitmapVerb.CreateSuccessor);
        Successor = set.AddAnonymous(Granularity, IsRecording);
        Phase = next;
        set.Forget();
    }

    /// <summary>Ends the freeze: old bits and new ones. For a job that failed, was cancelled, or must not consume the bitmap.</summary>
    public void Reclaim()
    {
        Go(BitmapVerb.Reclaim);
        Content.MergeFrom(TheSuccessor.Content);
        DropSuccessor();
    }

    /// <summary>
    /// Ends the freeze: new bits only. For a job that copied everything. Name, persistence and recording stay; the bitmap becomes
    /// the newest of its node, as it does in the reference.
    /// </summary>
    public void Abdicate()
    {
        Go(BitmapVerb.Abdicate);
        (Content, TheSuccessor.Content) = (TheSuccessor.Content, Content);
        set.TakePlaceOf(this, TheSuccessor);
        DropSuccessor();
    }

    private DirtyBitmap TheSuccessor
    {
        get
        {
            Invariant.That(Successor is not null, "a frozen bitmap has a successor");
            return Successor;
        }
    }

    private void DropSuccessor()
    {
        set.Remove(TheSuccessor);
        Successor = null;
        set.Forget();
    }
}
