using Tidemark.Core.Errors;

namespace Tidemark.Bitmaps;

/// <summary>
/// A bitmap of a node as users know it: a name, states, and the bits. It is made by <see cref="DirtyBitmapSet"/>, which also
/// feeds it. Contract B1 to B6.
/// </summary>
/// <remarks>
/// Belongs to its node's loop: not thread-safe. Verbs follow <see cref="BitmapTransitions"/>; whoever acts for a user calls
/// <see cref="Check"/> first and gets the refusal in words, a verb out of turn is a broken invariant.
/// </remarks>
public sealed partial class DirtyBitmap
{
    private readonly DirtyBitmapSet set;

    internal DirtyBitmap(DirtyBitmapSet set, string? name, HierarchicalBitmap content, bool recording)
    {
        this.set = set;
        Name = name;
        Content = content;
        IsRecording = recording;
    }

    /// <summary>The name; null for an internal helper, which nobody can address and no query shows (contract B4).</summary>
    public string? Name { get; }

    /// <summary>The bits. Changed by others only while this bitmap is theirs: loading it, or working on a job's frozen one.</summary>
    public HierarchicalBitmap Content { get; private set; }

    /// <summary>Bytes that one bit stands for.</summary>
    public long Granularity => Content.Granularity;

    /// <summary>Bytes of the node.</summary>
    public long SizeBytes => Content.SizeBytes;

    /// <summary>Dirty bytes, in whole granules; the <c>count</c> of queries. While frozen, what it held when the job began.</summary>
    public long DirtyBytes => Content.DirtyBytes;

    /// <summary>Where it is in its life.</summary>
    public BitmapPhase Phase { get; private set; }

    /// <summary>Whether writes are recorded, be it by a successor in its stead. Survives a restart when persistent.</summary>
    public bool IsRecording { get; private set; }

    /// <summary>Whether a job, an export or a command holds it.</summary>
    public bool IsBusy => Phase is BitmapPhase.Locked or BitmapPhase.Frozen;

    /// <summary>Whether its content can't be relied upon, because it was in use when its process died.</summary>
    public bool IsInconsistent => Phase == BitmapPhase.Inconsistent;

    /// <summary>Whether it is stored in its image when that is closed.</summary>
    public bool IsPersistent { get; set; }

    /// <summary>
    /// Whether it is stored in an image that may not be written now. Its driver says so on opening and reopening. Recording state
    /// may still change, in memory only.
    /// </summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Whether it is left out when its image stores bitmaps: a removal that is prepared but not yet final.</summary>
    public bool SkipStore { get; set; }

    /// <summary>What records writes while this one is frozen; null otherwise.</summary>
    public DirtyBitmap? Successor { get; private set; }

    /// <summary>Whether writes are recorded in this very object: it is recording and has no successor that does it.</summary>
    internal bool TakesMarks => IsRecording && (Phase is BitmapPhase.Idle or BitmapPhase.Locked);

    /// <summary>The one-word state of earlier versions: active, disabled, frozen, locked or inconsistent. Contract B5.</summary>
    public string Status =>
        Phase switch
        {
            BitmapPhase.Inconsistent => "inconsistent",
            BitmapPhase.Frozen => "frozen",
            BitmapPhase.Locked => "locked",
            _ => IsRecording ? "active" : "disabled",
        };

    /// <summary>
    /// Throws <see cref="BlockException"/>, in the reference's words, unless the bitmap is what <paramref name="access"/> asks for.
    /// </summary>
    public void Check(BitmapAccess access)
    {
        if (access.HasFlag(BitmapAccess.NotBusy) && IsBusy)
        {
            throw new BlockException(
                BlockErrorKind.InUse,
                $"Bitmap '{Name}' is currently in use by another operation and cannot be used"
            );
        }
        if (access.HasFlag(BitmapAccess.Writable) && IsReadOnly)
        {
            throw new BlockException(BlockErrorKind.AccessDenied, $"Bitmap '{Name}' is readonly and cannot be modified");
        }
        if (access.HasFlag(BitmapAccess.Consistent) && IsInconsistent)
        {
            throw new BlockException(BlockErrorKind.Corrupt, $"Bitmap '{Name}' is inconsistent and cannot be used")
            {
                Hint = "Try block-dirty-bitmap-remove to delete this bitmap from disk",
            };
        }
    }

    /// <summary>Begins to record writes; no matter if it does already.</summary>
    public void Enable()
    {
        Go(BitmapVerb.Enable);
        IsRecording = true;
        set.Forget();
    }

    /// <summary>Ceases to record writes; no matter if it has already.</summary>
    public void Disable()
    {
        Go(BitmapVerb.Disable);
        IsRecording = false;
        set.Forget();
    }

    /// <summary>Makes it busy without freezing it: for an export, or a removal that is prepared.</summary>
    public void Lock() => Go(BitmapVerb.Lock);

    /// <summary>Ends <see cref="Lock"/>.</summary>
    public void Unlock() => Go(BitmapVerb.Unlock);

    /// <summary>
    /// Says that its content can't be relied upon: it holds nothing and records nothing from then on, and can only be removed.
    /// </summary>
    public void Condemn()
    {
        Go(BitmapVerb.Condemn);
        IsRecording = false;
        IsPersistent = true;
        Content.Clear();
        set.Forget();
    }

    internal void Release()
    {
        Go(BitmapVerb.Release);
        IsRecording = false;
        Content.Dispose();
    }

    private void Go(BitmapVerb verb) => Phase = BitmapTransitions.Require(Phase, verb);
}
