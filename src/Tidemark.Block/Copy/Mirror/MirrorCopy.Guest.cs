using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Copy.Mirror;

// A guest's side: what it changes goes to the source, and where guests are followed to the target, too, before it is told so.
public sealed partial class MirrorCopy
{
    // A target that has less than the source (sync=top and none) can't fill up a cluster that it gets only a part of.
    private bool NeedsWholeUnits => settings.Start != MirrorStart.Everything;

    /// <summary>A guest's write, through the filter. What becomes of it at the source is what the guest gets.</summary>
    public ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags) =>
        !IsFollowingGuests || IsStopped ? source.WriteAsync(range, data, flags) : FollowWriteAsync(range, data, flags);

    /// <summary>As <see cref="WriteAsync"/>, of zeroes.</summary>
    public ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags) =>
        !IsFollowingGuests || IsStopped ? source.WriteZeroesAsync(range, flags) : FollowZeroesAsync(range, flags);

    /// <summary>As <see cref="WriteAsync"/>, of nothing in particular: the target gets what the source reads there afterwards.</summary>
    public ValueTask<IoStatus> DiscardAsync(ByteRange range) =>
        !IsFollowingGuests || IsStopped || source.Node.Options.Discard == DiscardMode.Ignore
            ? source.DiscardAsync(range)
            : FollowDiscardAsync(range);

    private async ValueTask<IoStatus> FollowWriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags)
    {
        var operation = await BeginGuestAsync(range, NeedsWholeUnits);
        var status = await source.WriteAsync(range, data, flags);
        if (!MustFollow(status))
        {
            return EndUnfollowed(operation, range, status);
        }
        var followed =
            operation.Range == range
                ? await target.WriteAsync(range, data, flags & ~RequestFlags.Serialising)
                : await CopyAgainAsync(operation.Range);
        return EndFollowed(operation, range, followed);
    }

    private async ValueTask<IoStatus> FollowZeroesAsync(ByteRange range, RequestFlags flags)
    {
        var operation = await BeginGuestAsync(range, NeedsWholeUnits);
        var status = await source.WriteZeroesAsync(range, flags);
        if (!MustFollow(status))
        {
            return EndUnfollowed(operation, range, status);
        }
        var followed =
            operation.Range == range
                ? await target.WriteZeroesAsync(range, flags & ~(RequestFlags.Serialising | RequestFlags.NoFallback))
                : await CopyAgainAsync(operation.Range);
        return EndFollowed(operation, range, followed);
    }

    private async ValueTask<IoStatus> FollowDiscardAsync(ByteRange range)
    {
        // Whole units: what is left at the ends is the driver's choice.
        var operation = await BeginGuestAsync(range, wholeUnits: true);
        var status = await source.DiscardAsync(range);
        return MustFollow(status)
            ? EndFollowed(operation, range, await CopyAgainAsync(operation.Range))
            : EndUnfollowed(operation, range, status);
    }

    private async ValueTask<MirrorOperation> BeginGuestAsync(ByteRange range, bool wholeUnits)
    {
        var operation = new MirrorOperation(wholeUnits ? Units(range) : range, isGuest: true);
        while (FindOverlap(operation.Range) is not null)
        {
            await ended.WaitAsync();
        }
        active.Add(operation);
        return operation;
    }

    // Before the beginning is known the target is not fit to be written to: what is marked now is copied later.
    private bool MustFollow(IoStatus status) => status == IoStatus.Ok && IsStarted && !IsStopped;

    private IoStatus EndUnfollowed(MirrorOperation operation, ByteRange range, IoStatus status)
    {
        // A failed write may have changed the source in part.
        Mark(range);
        End(operation);
        current?.Wake();
        return status;
    }

    private IoStatus EndFollowed(MirrorOperation operation, ByteRange range, IoStatus followed)
    {
        End(operation);
        if (followed == IoStatus.Ok)
        {
            Forget(operation.Range);
            CopiedBytes += range.Length;
            CountTotal();
            current?.Wake();
        }
        else
        {
            Mark(operation.Range);
            CountTotal();
            GuestFailed?.Invoke(followed);
        }
        return IoStatus.Ok;
    }

    // Granules that are in the range as a whole are equal on both sides now. One in part is as before.
    private void Forget(ByteRange range)
    {
        var start = Alignment.Up(range.Offset, settings.Granularity);
        var end = range.End == SizeBytes ? SizeBytes : Alignment.Down(range.End, settings.Granularity);
        if (end > start)
        {
            Dirty.Reset(ByteRange.Between(start, end));
        }
    }

    /// <summary>Brings what the source reads to the target; the caller's operation keeps others off the range.</summary>
    private async ValueTask<IoStatus> CopyAgainAsync(ByteRange range)
    {
        for (var offset = range.Offset; offset < range.End; )
        {
            var (end, isZero) = await AskOnceAsync(offset);
            end = Math.Min(end, isZero ? range.End : Math.Min(range.End, offset + chunkBytes));
            var piece = new MirrorOperation(ByteRange.Between(offset, end), isGuest: true) { IsZero = isZero };
            await TransferAsync(piece);
            if (piece.Status != IoStatus.Ok)
            {
                return piece.Status;
            }
            offset = end;
        }
        return IoStatus.Ok;
    }
}
