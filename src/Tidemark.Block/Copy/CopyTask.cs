using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Copy;

/// <summary>
/// A piece that somebody has taken on: its clusters are no longer in <see cref="BlockCopy.Remaining"/>, and whoever else wants
/// one of them waits for its end.
/// </summary>
internal sealed class CopyTask(ByteRange range, bool isZero, BlockCopyRun? run)
{
    /// <summary>Whole clusters, cut at the end of the node.</summary>
    public ByteRange Range { get; } = range;

    /// <summary>Whether the source reads as zeroes there.</summary>
    public bool IsZero { get; } = isZero;

    /// <summary>The background run that it belongs to; null for a guest's.</summary>
    public BlockCopyRun? Run { get; } = run;

    /// <summary>Whether it has got hold of a place to work at; until then it can be given back.</summary>
    public bool IsStarted { get; set; }

    /// <summary>Whether it turned out that there is nothing to copy: a guest's piece that the top image does not have.</summary>
    public bool IsAbsent { get; set; }

    /// <summary>How it ended.</summary>
    public IoStatus Status { get; set; }

    /// <summary>Whether what failed was the source.</summary>
    public bool FailedReading { get; set; }
}
