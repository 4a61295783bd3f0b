using System.Numerics;
using Tidemark.Bitmaps;
using Tidemark.Block.Graph;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Copy.Mirror;

/// <summary>
/// Keeps a target in step with a source that is being written to. A nameless bitmap (contract B4) says where they may differ.
/// <code>
///   guest's write ──▶ source ──▶ bitmap: set                       in the background mode, by the source's node
///                        └─────▶ target ──▶ bitmap: clear          with write-blocking, by <see cref="MirrorCopy"/>'s own hand
///
///   background run: takes a piece of the bitmap: clear, then looks what is there, reads, writes; set again if that fails
/// </code>
/// A bit is cleared before the source is read: whoever writes later sets it again, and the piece is copied once more. So when
/// nothing is under way and no bit is set, both sides are equal. Belongs to the graph's loop.
/// </summary>
public sealed partial class MirrorCopy
{
    private readonly BlockChild source;
    private readonly BlockBackend target;
    private readonly BlockNode tracked;
    private readonly MirrorSettings settings;
    private readonly DirtyBitmap bitmap;
    private readonly List<MirrorOperation> active = [];
    private readonly LoopSignal ended = new();
    private readonly LoopSignal stirred = new();
    private readonly long unit;
    private readonly long chunkBytes;
    private readonly int places;
    private BlockCopyRun? current;

    /// <summary>
    /// A mirror from <paramref name="source"/>, the edge of the filter that stands over it, to <paramref name="target"/>. Nothing may
    /// be under way: the source is drained. Throws <see cref="BlockException"/> when there is no memory for the bitmap.
    /// </summary>
    /// <param name="source">The filter's edge; the copying reads through it.</param>
    /// <param name="target">The job's own user of the target, with the permission to write. Outlives the mirror's work.</param>
    /// <param name="settings">How to work.</param>
    /// <param name="followsGuests">Whether guests' writes go to both sides from the beginning: see <see cref="FollowGuests"/>.</param>
    public MirrorCopy(BlockChild source, BlockBackend target, MirrorSettings settings, bool followsGuests)
    {
        (this.source, this.target, this.settings) = (source, target, settings);
        tracked = source.Node;
        SizeBytes = source.SizeBytes;
        var cluster = NeedsWholeUnits ? BitOperations.RoundUpToPowerOf2((uint)target.Node.Driver.ClusterSize) : 0;
        unit = Math.Max(settings.Granularity, cluster);
        bitmap = tracked.Bitmaps.AddAnonymous(settings.Granularity, recording: !followsGuests);
        IsFollowingGuests = followsGuests;
        var buffer = settings.BufferBytes == 0 ? long.MaxValue : settings.BufferBytes;
        chunkBytes = Math.Max(unit, Alignment.Down(Math.Min(Block.Limits.CopyChunk, buffer), unit));
        var most = tracked.IsCachedFile && target.Node.IsCachedFile ? Block.Limits.CopyCachedPlaces : Block.Limits.CopyPlaces;
        places = (int)Math.Clamp(buffer / chunkBytes, 1, most);
    }

    /// <summary>Size of the source when the mirror was made, bytes.</summary>
    public long SizeBytes { get; }

    /// <summary>Bytes copied since the beginning, what was copied again counting again.</summary>
    public long CopiedBytes { get; private set; }

    /// <summary>
    /// Bytes copied, under way, and left in whole granules: what a job gives as its length. As of the last piece that began or
    /// ended, so that it stands still while the job does.
    /// </summary>
    public long TotalBytes { get; private set; }

    /// <summary>Whether nothing is known to differ and nothing is being copied.</summary>
    public bool IsInStep => IsStarted && Dirty.IsEmpty && !active.Exists(static operation => !operation.IsGuest);

    /// <summary>Whether <see cref="BeginAsync"/> is through.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>Whether guests' writes go to both sides before they are acknowledged.</summary>
    public bool IsFollowingGuests { get; private set; }

    /// <summary>Whether it is over: guests' writes are no business of it any more.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Called when a guest's write reached the source and not the target, with the error. The write succeeds all the same.</summary>
    public Action<IoStatus>? GuestFailed { get; set; }

    private HierarchicalBitmap Dirty => bitmap.Content;

    /// <summary>
    /// From now on guests' writes go to both sides (copy-mode write-blocking). Whoever writes to the source past the filter would
    /// not be seen: the filter's permissions must not share that. The source is drained.
    /// </summary>
    public void FollowGuests()
    {
        bitmap.Disable();
        IsFollowingGuests = true;
    }

    /// <summary>Waits until something is to be copied, or for <see cref="Stir"/>; at once when something is.</summary>
    public async ValueTask WaitForWorkAsync()
    {
        if (!Dirty.IsEmpty)
        {
            return;
        }
        var set = tracked.Bitmaps;
        set.Marked = Stir;
        await stirred.WaitAsync();
        set.Marked = null;
    }

    /// <summary>Lets <see cref="WaitForWorkAsync"/> come back.</summary>
    public void Stir() => stirred.Wake();

    /// <summary>It is over: guests' writes go straight to the source. What is under way ends by itself.</summary>
    public void Stop()
    {
        IsStopped = true;
        ended.Wake();
        current?.Wake();
        Stir();
    }

    /// <summary>Takes the bitmap from the source. Nothing may be under way, guests' writes among it.</summary>
    public void Dispose()
    {
        Invariant.That(IsStopped && active.Count == 0, "a mirror ends when nothing is under way");
        tracked.Bitmaps.Remove(bitmap);
    }

    private void CountTotal()
    {
        var underWay = 0L;
        foreach (var operation in active)
        {
            underWay += operation.IsGuest ? 0 : operation.Range.Length;
        }
        TotalBytes = CopiedBytes + underWay + Dirty.DirtyBytes;
    }

    private void Mark(ByteRange range)
    {
        Dirty.Set(range);
        Stir();
        current?.Wake();
    }

    private ByteRange Units(ByteRange range) =>
        ByteRange.Between(Alignment.Down(range.Offset, unit), Math.Min(Alignment.Up(range.End, unit), SizeBytes));

    /// <summary>The operation that overlaps and begins first, or null.</summary>
    private MirrorOperation? FindOverlap(ByteRange range)
    {
        MirrorOperation? first = null;
        foreach (var other in active)
        {
            if (other.Range.Overlaps(range) && (first is null || other.Range.Offset < first.Range.Offset))
            {
                first = other;
            }
        }
        return first;
    }
}
