using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Copy.Mirror;

/// <summary>
/// Something under way between source and target. Two that overlap never run at the same time, so that the target sees changes of a
/// place in the order in which the source did.
/// </summary>
internal sealed class MirrorOperation(ByteRange range, bool isGuest)
{
    /// <summary>Where; the background's operations are in whole units, and may shrink until they begin to copy.</summary>
    public ByteRange Range { get; set; } = range;

    /// <summary>Whether it is a guest's write, which goes to both sides; else the background's copying.</summary>
    public bool IsGuest { get; } = isGuest;

    /// <summary>Whether the source reads as zeroes there.</summary>
    public bool IsZero { get; set; }

    /// <summary>How it ended.</summary>
    public IoStatus Status { get; set; }

    /// <summary>Whether what failed was the source.</summary>
    public bool FailedReading { get; set; }
}
