using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Copy;

/// <summary>
/// The driver of a filter that keeps the past, as whoever reads the past sees it: the disk as it was when the filter was put there,
/// whatever is written meanwhile. On the graph's loop.
/// </summary>
public interface IPointInTime
{
    /// <summary>Name under which the driver that reads the past is registered.</summary>
    public const string ReaderName = "snapshot-access";

    /// <summary>
    /// Fills <paramref name="target"/>. <see cref="IoStatus.AccessDenied"/> where the past was not to be kept, was given up, or could
    /// not be kept.
    /// </summary>
    ValueTask<IoStatus> ReadPastAsync(ByteRange range, Memory<byte> target);

    /// <summary>What is known of the past's content from the range's offset on; denied like a read.</summary>
    ValueTask<BlockStatus> PastStatusAsync(ByteRange range, bool wantZero);

    /// <summary>Gives the whole units of the range up: they are no longer kept, and what was saved of them is discarded.</summary>
    ValueTask<IoStatus> DiscardPastAsync(ByteRange range);
}
