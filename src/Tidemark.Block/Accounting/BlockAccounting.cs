using Tidemark.Core.Errors;

namespace Tidemark.Block.Accounting;

/// <summary>
/// Counts the requests of one user of a node as a guest's device counts them: how many, how long, how much, what failed. Who
/// serves requests calls it once for each, with the time at which the request began: counting costs a few additions and one
/// look at the clock, whose answer is the next request's beginning when requests come in a batch (<see cref="LastAccess"/>).
/// Belongs to the graph's loop. A distribution of latencies would be filled where <see cref="Finish"/> has the time taken.
/// </summary>
public sealed class BlockAccounting(TimeProvider time)
{
    private const int Kinds = 4;

    private readonly Tally[] tallies = new Tally[Kinds];

    /// <summary>Now, on the clock that requests are measured by.</summary>
    public long Now => time.GetTimestamp();

    /// <summary>When the last request ended, on the same clock; 0 if there was none.</summary>
    public long LastAccess { get; private set; }

    /// <summary>Nanoseconds since the last request ended, or null if there was none.</summary>
    public long? IdleTimeNs => LastAccess == 0 ? null : ToNanoseconds(Now - LastAccess);

    /// <summary>Counts a request that has ended.</summary>
    /// <param name="operation">Its kind.</param>
    /// <param name="bytes">Its length, counted only if it succeeded.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="begin">When it began, by <see cref="Now"/>.</param>
    public void Finish(AccountedOperation operation, long bytes, IoStatus status, long begin)
    {
        var now = time.GetTimestamp();
        ref var tally = ref tallies[(int)operation];
        if (status == IoStatus.Ok)
        {
            tally.Operations++;
            tally.Bytes += bytes;
        }
        else
        {
            tally.Failed++;
        }
        tally.Time += now - begin;
        LastAccess = now;
    }

    /// <summary>Counts a request that was refused before the node saw it: it was out of range, or not allowed.</summary>
    public void Refuse(AccountedOperation operation)
    {
        tallies[(int)operation].Invalid++;
        LastAccess = time.GetTimestamp();
    }

    /// <summary>What was counted of one kind.</summary>
    public OperationCounts Of(AccountedOperation operation)
    {
        ref readonly var tally = ref tallies[(int)operation];
        // No request of ours is ever merged with another: each is served by itself, as it comes.
        return new(tally.Bytes, tally.Operations, tally.Failed, tally.Invalid, Merged: 0, ToNanoseconds(tally.Time));
    }

    private long ToNanoseconds(long ticks) => (long)time.GetElapsedTime(0, ticks).TotalNanoseconds;

    private struct Tally
    {
        public long Operations;
        public long Bytes;
        public long Failed;
        public long Invalid;
        public long Time;
    }
}
