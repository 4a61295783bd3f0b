using Tidemark.Core.Async;
using Tidemark.Core.Errors;

namespace Tidemark.Block.Throttling;

/// <summary>
/// Bounds that several nodes share. Each node is a <see cref="ThrottleMember"/> with its own queues of reads and writes; whose turn
/// it is goes round, so that a busy member does not starve the others.
/// <code>
///   member a: r r r   w        reads and writes wait apart, each direction has one timer;
///   member b: r                when it fires, members take turns as long as no bucket
///   member c:         w w      is too full: a, b, a, a … and a, c, c …
/// </code>
/// Belongs to the graph's loop.
/// </summary>
public sealed class ThrottleGroup
{
    private readonly LeakyBucket[] buckets = new LeakyBucket[ThrottleSettings.Buckets];
    private readonly List<ThrottleMember> members = [];
    private readonly LoopContext loop;
    private readonly Lane reads;
    private readonly Lane writes;
    private long leakedAt;

    internal ThrottleGroup(string name, LoopContext loop, ThrottleSettings settings)
    {
        (Name, this.loop, Settings) = (name, loop, settings);
        (reads, writes) = (new(this, isWrite: false), new(this, isWrite: true));
        Fill(settings);
    }

    /// <summary>Its name: the id of its object.</summary>
    public string Name { get; }

    /// <summary>Its bounds.</summary>
    public ThrottleSettings Settings { get; private set; }

    /// <summary>Whether nodes belong to it.</summary>
    public bool IsInUse => members.Count > 0;

    /// <summary>Sets other bounds, checked by the caller. What was used up before is forgotten; who waits is looked at anew.</summary>
    public void Configure(ThrottleSettings settings)
    {
        Settings = settings;
        Fill(settings);
        reads.Serve();
        writes.Serve();
    }

    /// <summary>Takes a node in.</summary>
    public ThrottleMember Join()
    {
        var member = new ThrottleMember(this);
        members.Add(member);
        return member;
    }

    /// <summary>A member goes; what still waits in it goes ahead.</summary>
    internal void Leave(ThrottleMember member)
    {
        Release(member);
        _ = members.Remove(member);
    }

    /// <summary>Lets a request of <paramref name="bytes"/> go ahead, now or in its turn.</summary>
    internal ValueTask EnterAsync(ThrottleMember member, long bytes, bool isWrite)
    {
        var lane = isWrite ? writes : reads;
        if (member.IsLifted || (lane.Waiting == 0 && Wait(isWrite) == 0))
        {
            Account(bytes, isWrite);
            return ValueTask.CompletedTask;
        }
        return lane.QueueAsync(member, bytes);
    }

    /// <summary>Lets all that waits in a member go ahead. It counts, though: others pay for it.</summary>
    internal void Release(ThrottleMember member)
    {
        reads.Release(member);
        writes.Release(member);
    }

    private void Fill(ThrottleSettings settings)
    {
        for (var i = 0; i < buckets.Length; i++)
        {
            buckets[i] = new LeakyBucket(settings.Limits[i]);
        }
        leakedAt = loop.Time.GetTimestamp();
    }

    private double Wait(bool isWrite)
    {
        var now = loop.Time.GetTimestamp();
        var seconds = loop.Time.GetElapsedTime(leakedAt, now).TotalSeconds;
        leakedAt = now;
        for (var i = 0; i < buckets.Length; i++)
        {
            buckets[i].Leak(seconds);
        }
        var own = isWrite ? 2 : 1;
        return Math.Max(
            Math.Max(buckets[(int)ThrottleBucket.BpsTotal].Wait, buckets[(int)ThrottleBucket.BpsTotal + own].Wait),
            Math.Max(buckets[(int)ThrottleBucket.IopsTotal].Wait, buckets[(int)ThrottleBucket.IopsTotal + own].Wait)
        );
    }

    private void Account(long bytes, bool isWrite)
    {
        var requests = Settings.IopsSize > 0 && (ulong)bytes > Settings.IopsSize ? bytes / (double)Settings.IopsSize : 1;
        var own = isWrite ? 2 : 1;
        buckets[(int)ThrottleBucket.BpsTotal].Fill(bytes);
        buckets[(int)ThrottleBucket.BpsTotal + own].Fill(bytes);
        buckets[(int)ThrottleBucket.IopsTotal].Fill(requests);
        buckets[(int)ThrottleBucket.IopsTotal + own].Fill(requests);
    }

    /// <summary>The requests of one direction that wait, over all members.</summary>
    private sealed class Lane(ThrottleGroup group, bool isWrite)
    {
        /// <summary>A year is as good as for ever, and stays clear of overflow.</summary>
        private const double LongestWaitSeconds = 365.0 * 24 * 3600;

        private readonly Stack<Completion<bool>> spare = new();
        private ITimer? timer;
        private int turn;

        public int Waiting { get; private set; }

        public async ValueTask QueueAsync(ThrottleMember member, long bytes)
        {
            var go = spare.TryPop(out var used) ? used : new Completion<bool>();
            member.Queue(isWrite).Enqueue((go, bytes));
            Waiting++;
            if (Waiting == 1)
            {
                Arm();
            }
            _ = await go.Task;
            go.Reset();
            spare.Push(go);
        }

        /// <summary>Lets members take turns until a bucket is too full.</summary>
        public void Serve()
        {
            while (Waiting > 0 && group.Wait(isWrite) == 0)
            {
                var member = NextMember();
                Go(member.Queue(isWrite).Dequeue());
            }
            if (Waiting > 0)
            {
                Arm();
            }
            else
            {
                timer?.Dispose();
                timer = null;
            }
        }

        public void Release(ThrottleMember member)
        {
            while (member.Queue(isWrite).TryDequeue(out var request))
            {
                Go(request);
            }
            if (Waiting == 0)
            {
                timer?.Dispose();
                timer = null;
            }
        }

        private void Go((Completion<bool> Signal, long Bytes) request)
        {
            Waiting--;
            group.Account(request.Bytes, isWrite);
            request.Signal.Set(true);
        }

        private ThrottleMember NextMember()
        {
            for (var i = 0; i < group.members.Count; i++)
            {
                turn = (turn + 1) % group.members.Count;
                if (group.members[turn].Queue(isWrite).Count > 0)
                {
                    return group.members[turn];
                }
            }
            throw Invariant.Unreachable("what waits belongs to a member");
        }

        private void Arm()
        {
            var delay = TimeSpan.FromSeconds(Math.Min(group.Wait(isWrite), LongestWaitSeconds));
            // Rounded up, or the timer would find the bucket a hair too full and be set for nothing.
            delay += TimeSpan.FromMicroseconds(1);
            if (timer is null)
            {
                timer = group.loop.Time.CreateTimer(
                    static state => ((Lane)state!).Serve(),
                    this,
                    delay,
                    Timeout.InfiniteTimeSpan
                );
            }
            else
            {
                _ = timer.Change(delay, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
