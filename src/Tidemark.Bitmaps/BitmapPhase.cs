namespace Tidemark.Bitmaps;

/// <summary>Where a bitmap is in its life. Whether it records is a second, independent thing.</summary>
public enum BitmapPhase
{
    /// <summary>Nobody holds it.</summary>
    Idle,

    /// <summary>Busy: an export or a command holds it. Writes go on being recorded in it.</summary>
    Locked,

    /// <summary>Busy: a job holds it, its content stands still, and writes go to its successor.</summary>
    Frozen,

    /// <summary>It was in use when its process died: only good for removal.</summary>
    Inconsistent,

    /// <summary>Gone: removed from its node, memory given back.</summary>
    Released,
}
