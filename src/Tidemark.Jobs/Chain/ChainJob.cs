using Tidemark.Block.Copy;
using Tidemark.Block.Graph;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Jobs.Chain;

/// <summary>
/// Moves data along a backing chain, from the beginning of an image to its end: a kind says which pieces are to be moved, and moves
/// one. Several are under way at a time; progress tells how far nothing is left behind. A failed piece is told of, and by policy is the end, is
/// tried again, or is left out.
/// </summary>
internal abstract class ChainJob : BlockJob
{
    private const int Places = 4; // what is read stays in the processors' caches until it is written
    private const int Questions = 64; // questions about allocation after which the loop sees to others

    private readonly RateLimiter limiter;
    private readonly LoopSignal changed = new();
    private readonly Queue<ByteRange> again = new();
    private readonly Queue<(ByteRange Piece, IoStatus Status, bool IsRead)> failures = new();
    private readonly RetryPacing retry = new();
    private JobError? leftOut;
    private readonly List<long> unfinished = []; // where the pieces begin that are under way or have failed: a handful
    private long position;
    private int inFlight;
    private int changes;
    private bool interrupted;

    /// <summary>A job that is not registered yet.</summary>
    protected ChainJob(JobRegistry registry, JobSettings settings, BlockGraph graph)
        : base(registry, settings, graph)
    {
        limiter = new RateLimiter(graph.Loop.Time);
    }

    /// <summary>Longest piece, bytes: the reference's, so that errors are told as often.</summary>
    protected const int LongestPiece = 512 << 10;

    /// <inheritdoc/>
    public override JobProgress Progress => new(Done, Total);

    /// <summary>Size of what is to be gone through, bytes; 0 until it is known, and when there is nothing to do.</summary>
    protected long Total { get; set; }

    private long Done => unfinished.Count > 0 ? unfinished.Min() : position;

    /// <summary>What becomes of errors.</summary>
    protected abstract JobErrorPolicy ErrorPolicy { get; }

    /// <summary>Whether a failed piece that policy ignores is left out, and the job fails in the end; else it is tried again.</summary>
    protected abstract bool LeavesOutIgnored { get; }

    /// <summary>Whether the run at the beginning of <paramref name="range"/> is to be moved, and how long it is.</summary>
    protected abstract ValueTask<(IoStatus Status, bool IsWanted, long Length)> AskAsync(ByteRange range);

    /// <summary>Moves a piece, at most <see cref="LongestPiece"/> long.</summary>
    protected abstract ValueTask<(IoStatus Status, bool IsRead)> MoveAsync(ByteRange piece);

    /// <summary>Moves everything. The result is <see cref="Job.RunAsync"/>'s.</summary>
    protected async ValueTask<JobError?> MoveAllAsync()
    {
        while (true)
        {
            await PausePointAsync();
            interrupted = false;
            if (IsCancelled || await WorkAsync())
            {
                return leftOut;
            }
            var (error, mustWait) = Judge();
            if (error is not null)
            {
                return error;
            }
            if (mustWait)
            {
                await BackOffAsync();
            }
        }
    }

    /// <inheritdoc/>
    protected override void OnInterrupt()
    {
        interrupted = true;
        Change();
    }

    /// <inheritdoc/>
    protected override void OnSpeed()
    {
        limiter.BytesPerSecond = Speed;
        Change();
    }

    /// <inheritdoc/>
    protected override void OnUserResume()
    {
        base.OnUserResume();
        retry.Reset();
    }

    /// <summary>Begins pieces until all are over (true), one failed, or the job is to pause; comes back when none is under way.</summary>
    private async ValueTask<bool> WorkAsync()
    {
        var questions = 0;
        while (!interrupted && failures.Count == 0 && (again.Count > 0 || position < Total))
        {
            var seen = changes;
            if (inFlight >= Places)
            {
                await WaitAsync(seen, null);
            }
            else if (limiter.Delay is var delay && delay > TimeSpan.Zero)
            {
                await WaitAsync(seen, delay);
            }
            else if (await NextAsync() is { } piece)
            {
                limiter.Charge(piece.Length);
                Begin(piece);
                await Task.Yield();
            }
            else if (++questions % Questions == 0)
            {
                await Task.Yield();
            }
        }
        while (inFlight > 0)
        {
            await WaitAsync(changes, null);
        }
        return failures.Count == 0 && again.Count == 0 && position >= Total;
    }

    // The next piece to move, or null when there was a run that need not be moved, or a failure.
    private async ValueTask<ByteRange?> NextAsync()
    {
        if (again.TryDequeue(out var failed))
        {
            return failed;
        }
        var range = new ByteRange(position, Math.Min(LongestPiece, Total - position));
        var (status, isWanted, length) = await AskAsync(range);
        if (status != IoStatus.Ok)
        {
            position = range.End;
            unfinished.Add(range.Offset);
            failures.Enqueue((range, status, true));
            return null;
        }
        // A layer that ends here has nothing to say of what follows.
        length = length == 0 ? range.Length : Math.Min(length, range.Length);
        position += length;
        if (!isWanted)
        {
            return null;
        }
        unfinished.Add(range.Offset);
        return new ByteRange(range.Offset, length);
    }

    private async void Begin(ByteRange piece)
    {
        inFlight++;
        var (status, isRead) = await MoveAsync(piece);
        inFlight--;
        if (status == IoStatus.Ok)
        {
            _ = unfinished.Remove(piece.Offset);
        }
        else
        {
            failures.Enqueue((piece, status, isRead));
        }
        Change();
    }

    /// <summary>What policy says of the failures: the error that ends the job, or whether to wait before trying again.</summary>
    private (JobError? Error, bool MustWait) Judge()
    {
        var mustWait = false;
        while (failures.TryDequeue(out var failure) && !IsCancelled)
        {
            var (piece, status, isRead) = failure;
            // Once stopped by one of them, the others are tried again without a word.
            var action = IsUserPaused ? JobErrorAction.Stop : HandleError(ErrorPolicy, status, isRead);
            switch (action)
            {
                case JobErrorAction.Report:
                    return (JobError.Of(status), false);
                case JobErrorAction.Ignore when LeavesOutIgnored:
                    leftOut ??= JobError.Of(status);
                    _ = unfinished.Remove(piece.Offset);
                    break;
                default:
                    again.Enqueue(piece);
                    mustWait |= action == JobErrorAction.Ignore;
                    break;
            }
        }
        return (null, mustWait);
    }

    // A fault that stays would keep the loop and every client busy with nothing but errors.
    private async ValueTask BackOffAsync()
    {
        var delay = retry.Next(Done);
        if (delay > TimeSpan.Zero)
        {
            await WaitAsync(changes, delay);
        }
        else
        {
            await Task.Yield();
        }
    }

    private void Change()
    {
        changes++;
        changed.Wake();
    }

    private async ValueTask WaitAsync(int seen, TimeSpan? delay)
    {
        if (changes != seen)
        {
            return;
        }
        if (delay is not { } limit)
        {
            await changed.WaitAsync();
            return;
        }
        await using var timer = Graph.Loop.Time.CreateTimer(
            static signal => ((LoopSignal)signal!).Wake(),
            changed,
            limit,
            Timeout.InfiniteTimeSpan
        );
        await changed.WaitAsync();
    }
}
