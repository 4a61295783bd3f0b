using System.Numerics;
using Tidemark.Bitmaps;
using Tidemark.Block.Graph;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Copy;

/// <summary>
/// Copies one node as it is at a moment to another node, while it is being written to. A bitmap says what is still to be copied;
/// whoever takes a piece on takes its bits away, and gives them back if it fails.
/// <code>
///   background run                          a guest's write
///   takes pieces of up to 1 MiB in order    takes just its clusters, before it goes ahead
///        │  up to MaxWorkers reserved              │  waits where they are under way; a piece that
///        ▼  a few of them at work                  ▼  is reserved but not begun goes first
///   ┌───────────────────────── Remaining, active ─────────────────────────┐
///   └──▶ read source, write target  ·  write zeroes  ·  copy in kernel ◀──┘
/// </code>
/// Belongs to the graph's loop.
/// </summary>
public sealed partial class BlockCopy : IDisposable
{
    private readonly BlockChild source;
    private readonly BlockChild target;
    private readonly List<CopyTask> active = [];
    private readonly LoopSignal taskEnded = new();
    private BlockCopyRun? current;

    /// <summary>
    /// A copy of all of <paramref name="source"/> to <paramref name="target"/>. Reads and writes go through these two edges, which
    /// must have the permissions; both must outlive it. The unit is <paramref name="leastCluster"/> bytes at least, a power of two.
    /// </summary>
    public BlockCopy(BlockChild source, BlockChild target, long leastCluster = 0)
    {
        this.source = source;
        this.target = target;
        SizeBytes = source.SizeBytes;
        Invariant.That(leastCluster <= Block.Limits.CopyLargestCluster, "the unit of a copy fits a buffer");
        ClusterSize = (int)
            Math.Max(
                Math.Max(Block.Limits.CopyCluster, leastCluster),
                BitOperations.RoundUpToPowerOf2((uint)target.Node.Driver.ClusterSize)
            );
        Remaining = new HierarchicalBitmap(SizeBytes, BitOperations.Log2((uint)ClusterSize));
        Remaining.SetAll();
        isFleecing = IsBelow(target.Node, source.Node);
    }

    /// <summary>What has not been copied and nobody has taken on, in units of <see cref="ClusterSize"/>.</summary>
    public HierarchicalBitmap Remaining { get; }

    /// <summary>
    /// The unit of copying, bytes: a cluster of the target at least, so that a target with a backing file gets whole clusters, and
    /// 64 KiB at least.
    /// </summary>
    public int ClusterSize { get; }

    /// <summary>Size of both nodes, bytes.</summary>
    public long SizeBytes { get; }

    /// <summary>How to work; changed only while nothing is under way.</summary>
    public BlockCopySettings Settings { get; private set; } = BlockCopySettings.Default;

    /// <summary>Bytes copied since the beginning, in whole clusters, by the background and for guests.</summary>
    public long CopiedBytes { get; private set; }

    /// <summary>Bytes copied, under way and left, in whole clusters: what a job gives as its length.</summary>
    public long TotalBytes => CopiedBytes + InFlightBytes + Remaining.DirtyBytes;

    /// <summary>Whether a guest's write went ahead without its old data being saved: the target is of no use.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>The error that broke it.</summary>
    public IoStatus BrokenStatus { get; private set; }

    /// <summary>Whether that was an error of the source.</summary>
    public bool BrokenByRead { get; private set; }

    /// <summary>Whether guests' writes no longer cause copying, because it is over or broken.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>
    /// Whether what has been copied is discarded at the source: nobody but this copy needs it there. The edge to the source must have the
    /// permission to write then.
    /// </summary>
    public bool DiscardsSource { get; set; }

    /// <summary>Called when it breaks, once.</summary>
    public Action? Broken { get; set; }

    private long InFlightBytes
    {
        get
        {
            var sum = 0L;
            foreach (var task in active)
            {
                sum += WholeClusters(task.Range);
            }
            return sum;
        }
    }

    private LoopContext Loop => source.Node.Graph.Loop;

    /// <summary>Takes up <paramref name="settings"/>. Nothing may be under way.</summary>
    public void Configure(BlockCopySettings settings)
    {
        Invariant.That(active.Count == 0, "settings change while nothing is under way");
        Invariant.That(
            settings.MaxWorkers > 0 && (settings.MaxChunkBytes == 0 || settings.MaxChunkBytes >= ClusterSize),
            "a copy has workers, and chunks of at least a cluster"
        );
        Settings = settings;
        chunkBytes = Math.Max(
            Math.Min(
                settings.MaxChunkBytes == 0 ? long.MaxValue : Alignment.Down(settings.MaxChunkBytes, ClusterSize),
                Block.Limits.CopyChunk
            ),
            ClusterSize
        );
    }

    /// <summary>Makes <see cref="Remaining"/> what <paramref name="bitmap"/>, of the same size, has; before anything began, or when it is over.</summary>
    public void Restrict(HierarchicalBitmap bitmap)
    {
        Remaining.Clear();
        Remaining.MergeFrom(bitmap);
    }

    /// <summary>Nobody needs the range, of whole clusters, any more: guests' writes there save nothing.</summary>
    public void Forget(ByteRange range)
    {
        Remaining.Reset(range);
        taskEnded.Wake();
    }

    /// <summary>
    /// Whether what the source had at the range's offset at first lies in the target by now (true), or is still in the source (false);
    /// and the bytes that this holds for. Whether it was to be saved at all is for the caller to know.
    /// </summary>
    public (bool IsSaved, long Length) FindSaved(ByteRange range)
    {
        var (isRemaining, length) = Remaining.NextStatus(range.Offset, range.Length);
        if (isRemaining)
        {
            return (false, length);
        }
        var run = new ByteRange(range.Offset, length);
        foreach (var task in active)
        {
            if (task.Range.Overlaps(run))
            {
                if (task.Range.Offset <= run.Offset)
                {
                    return (false, Math.Min(task.Range.End, run.End) - run.Offset);
                }
                run = ByteRange.Between(run.Offset, task.Range.Offset);
            }
        }
        return (true, run.Length);
    }

    /// <summary>
    /// The old data of a guest's write could not be saved and the write goes ahead nevertheless: nothing more is copied, and the
    /// background run comes back as broken. Requests that wait for a peer fail now.
    /// </summary>
    public void Break(IoStatus status, bool isRead)
    {
        if (IsStopped)
        {
            return;
        }
        (IsBroken, BrokenStatus, BrokenByRead) = (true, status, isRead);
        Stop();
        target.Node.Driver.CancelInFlight();
        Broken?.Invoke();
    }

    /// <summary>It is over: guests' writes go straight ahead from now on, those that wait too. <see cref="Remaining"/> stays.</summary>
    public void Stop()
    {
        IsStopped = true;
        taskEnded.Wake();
        current?.Wake();
    }

    /// <summary>Waits until nothing is under way.</summary>
    public async ValueTask WaitIdleAsync()
    {
        while (active.Count > 0)
        {
            await taskEnded.WaitAsync();
        }
    }

    /// <summary>Gives the bitmap's memory back. Nothing may be under way.</summary>
    public void Dispose()
    {
        Invariant.That(active.Count == 0, "a copy ends when nothing is under way");
        Remaining.Dispose();
    }

    private long WholeClusters(ByteRange range) => Alignment.Up(range.Length, ClusterSize);

    private ByteRange Clusters(ByteRange range) =>
        ByteRange.Between(Alignment.Down(range.Offset, ClusterSize), Math.Min(Alignment.Up(range.End, ClusterSize), SizeBytes));

    private static bool IsBelow(BlockNode top, BlockNode sought) =>
        ReferenceEquals(top, sought) || top.Children.Any(edge => IsBelow(edge.Node, sought));
}
