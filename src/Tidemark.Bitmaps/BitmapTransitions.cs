using Tidemark.Core.Errors;

namespace Tidemark.Bitmaps;

/// <summary>
/// The life of a bitmap as data. A user's mistake never gets here, <see cref="DirtyBitmap.Check"/> refuses it with words; what is
/// not in this table is a mistake of ours.
/// </summary>
public static class BitmapTransitions
{
    private static readonly (BitmapPhase From, BitmapVerb Verb, BitmapPhase To)[] Table =
    [
        (BitmapPhase.Idle, BitmapVerb.Enable, BitmapPhase.Idle),
        (BitmapPhase.Idle, BitmapVerb.Disable, BitmapPhase.Idle),
        (BitmapPhase.Idle, BitmapVerb.Change, BitmapPhase.Idle),
        (BitmapPhase.Idle, BitmapVerb.Lock, BitmapPhase.Locked),
        (BitmapPhase.Locked, BitmapVerb.Unlock, BitmapPhase.Idle),
        (BitmapPhase.Idle, BitmapVerb.CreateSuccessor, BitmapPhase.Frozen),
        (BitmapPhase.Frozen, BitmapVerb.Reclaim, BitmapPhase.Idle),
        (BitmapPhase.Frozen, BitmapVerb.Abdicate, BitmapPhase.Idle),
        (BitmapPhase.Idle, BitmapVerb.Condemn, BitmapPhase.Inconsistent),
        (BitmapPhase.Idle, BitmapVerb.Release, BitmapPhase.Released),
        (BitmapPhase.Inconsistent, BitmapVerb.Release, BitmapPhase.Released),
    ];

    /// <summary>The phase after <paramref name="verb"/>, or null when it may not happen in <paramref name="from"/>.</summary>
    public static BitmapPhase? Next(BitmapPhase from, BitmapVerb verb)
    {
        foreach (var row in Table)
        {
            if (row.From == from && row.Verb == verb)
            {
                return row.To;
            }
        }
        return null;
    }

    internal static BitmapPhase Require(BitmapPhase from, BitmapVerb verb) =>
        Next(from, verb) ?? throw Invariant.Unreachable($"a bitmap that is {from} can't {verb}");
}
