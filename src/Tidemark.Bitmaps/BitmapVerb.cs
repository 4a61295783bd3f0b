namespace Tidemark.Bitmaps;

/// <summary>What can happen to a bitmap; the columns of <see cref="BitmapTransitions"/>.</summary>
public enum BitmapVerb
{
    /// <summary>Begin to record writes.</summary>
    Enable,

    /// <summary>Cease to record writes.</summary>
    Disable,

    /// <summary>An export or command takes hold.</summary>
    Lock,

    /// <summary>It lets go.</summary>
    Unlock,

    /// <summary>A job takes hold: the content freezes, a successor records.</summary>
    CreateSuccessor,

    /// <summary>The job's work does not count: what the successor saw is added back.</summary>
    Reclaim,

    /// <summary>The job's work counts: what the successor saw is all that is left.</summary>
    Abdicate,

    /// <summary>The content is cleared, merged into or put back.</summary>
    Change,

    /// <summary>It turns out not to be trustworthy.</summary>
    Condemn,

    /// <summary>It ceases to be.</summary>
    Release,
}
