using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Io.Simulated;

/// <summary>
/// A machine whose disk, clock, network and chance all come from one seed: the same seed and the same code give the same
/// run, step by step. Its disk outlives its runs, so that a run may crash and the next one look at what was left.
/// <code>
/// var machine = new SimulatedMachine(seed);
/// machine.Faults.CrashAfter(SimulatedOperation.Changes, n, CrashKind.PowerLoss);
/// if (machine.Run(WriteAsync) == RunEnd.Crashed) _ = machine.Run(CheckAsync);
/// </code>
/// A run is one process; it may start others. One thread at a time. Creating and removing a file is durable at once; only content and size await a flush.
/// </summary>
public sealed class SimulatedMachine
{
    private readonly Dictionary<string, SimulatedInode> files = new(StringComparer.Ordinal);
    private readonly List<SimulatedRequest> underWay = [];
    private SimulatedSchedule? schedule;
    private SimulatedLoop? loop;
    private TimeSpan time;

    /// <summary>A machine with an empty disk.</summary>
    public SimulatedMachine(int seed)
    {
        Seed = seed;
        Chance = new Random(seed);
    }

    /// <summary>The number that everything follows from; put it into failure messages.</summary>
    public int Seed { get; }

    /// <summary>What shall go wrong. Rules stay until they are taken back.</summary>
    public FaultPlan Faults { get; } = new();

    /// <summary>Room of the disk, bytes in pages of 4 KiB; writes beyond it fail with <see cref="IoStatus.NoSpace"/>.</summary>
    public long CapacityBytes { get; set; } = long.MaxValue;

    /// <summary>Alignment that files opened direct ask for, bytes.</summary>
    public int DirectAlignment { get; set; } = 512;

    /// <summary>How many of 100 operations complete at once.</summary>
    public int SynchronousPercent { get; set; } = 50;

    /// <summary>Longest time that an operation takes when it does not complete at once; times are drawn evenly below it.</summary>
    public TimeSpan MaxLatency { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Steps after which a run is taken to be going in circles and ends with a <see cref="SimulatedDeadlockException"/>.</summary>
    public long MaxSteps { get; set; } = 200_000_000;

    /// <summary>Steps of the run that takes the most of them so far: what <see cref="MaxSteps"/> bounds.</summary>
    public long LongestRun { get; private set; }

    /// <summary>A fingerprint of all that has happened so far; equal for equal seeds and equal code.</summary>
    public ulong Trace { get; private set; } = 14695981039346656037;

    /// <summary>Whether a run goes on that has not crashed.</summary>
    public bool IsRunning => loop is { IsDead: false };

    /// <summary>Paths of the files there are.</summary>
    public IEnumerable<string> Files => files.Keys;

    internal Random Chance { get; }
    internal SimulatedNetwork Network { get; private set; } = new();

    /// <summary>
    /// Runs <paramref name="main"/> with an engine of this machine on the calling thread until it ends or the machine crashes.
    /// Throws what main or any other process throws, and <see cref="SimulatedDeadlockException"/> when it can never end. After a crash nothing of main runs
    /// on, not even its <c>finally</c> blocks.
    /// </summary>
    public RunEnd Run(Func<IoEngine, Task> main)
    {
        Invariant.That(loop is null, "a machine has one run at a time");
        schedule = new SimulatedSchedule(Seed, time, MaxSteps, Chance);
        loop = new SimulatedLoop(schedule);
        Network = new SimulatedNetwork();
        var engine = new SimulatedEngine(this, loop);
        try
        {
            return schedule.Run(
                loop,
                async () =>
                {
                    await main(engine);
                    await engine.DisposeAsync();
                }
            );
        }
        finally
        {
            time = schedule.Now;
            LongestRun = Math.Max(LongestRun, schedule.Steps);
            (schedule, loop) = (null, null);
            underWay.Clear();
            foreach (var file in files.Values)
            {
                file.UnlockAll();
            }
        }
    }

    /// <summary>
    /// Starts another process of the run that goes on, which ends when <paramref name="main"/> does. What it throws, the run throws.
    /// The run does not wait for it.
    /// </summary>
    public SimulatedProcess Start(Func<IoEngine, Task> main)
    {
        Invariant.That(IsRunning, "a machine that runs has processes");
        var engine = new SimulatedEngine(this, new SimulatedLoop(schedule!)); // it runs
        var process = new SimulatedProcess(this, engine);
        _ = schedule!.Start(
            engine.SimulatedLoop,
            async () =>
            {
                await main(engine);
                await engine.DisposeAsync();
                process.End();
            }
        );
        return process;
    }

    /// <summary>Ends the run that is going on, with all its processes, as <paramref name="kind"/> says; what calls it goes on until its next await only.</summary>
    public void Crash(CrashKind kind)
    {
        Invariant.That(loop is { IsDead: false }, "only a run that lives crashes");
        foreach (var dying in schedule!.Loops) // there with the run's own
        {
            dying.IsDead = true;
        }
        foreach (var request in underWay)
        {
            request.EndHalfway(Chance);
        }
        underWay.Clear();
        if (kind == CrashKind.PowerLoss)
        {
            foreach (var file in files.Values)
            {
                file.LosePower(Chance);
            }
        }
    }

    /// <summary>The content of a file as reads see it now. Throws <see cref="BlockException"/> when there is none.</summary>
    public byte[] ReadFile(string path)
    {
        var content = Find(path)?.Content ?? throw new BlockException(IoStatus.NotFound, $"Could not open '{path}'");
        var bytes = new byte[content.Length];
        content.Read(0, bytes);
        return bytes;
    }

    /// <summary>Puts a file on the disk, durably.</summary>
    public void WriteFile(string path, ReadOnlySpan<byte> bytes)
    {
        var content = new SparseContent();
        content.Write(0, bytes);
        FindOrCreate(path).Restore(content);
    }

    internal SimulatedInode? Find(string path) => files.GetValueOrDefault(path);

    internal SimulatedInode FindOrCreate(string path)
    {
        if (!files.TryGetValue(path, out var inode))
        {
            files[path] = inode = new SimulatedInode(path);
        }
        return inode;
    }

    internal bool Remove(string path) => files.Remove(path);

    internal bool HasRoomFor(long pages) =>
        pages == 0 || files.Values.Sum(file => file.Content.PageCount) + pages <= CapacityBytes / SparseContent.PageBytes;

    internal bool CompletesAtOnce() => Chance.Next(100) < SynchronousPercent;

    internal TimeSpan Latency() => new(Chance.NextInt64(MaxLatency.Ticks + 1));

    internal void Kill(SimulatedEngine engine)
    {
        engine.SimulatedLoop.IsDead = true;
        foreach (var request in underWay.FindAll(r => r.Engine == engine))
        {
            request.EndHalfway(Chance);
            End(request);
        }
        engine.Abandon();
    }

    internal bool HasRequestsOf(SimulatedEngine engine) => underWay.Exists(r => r.Engine == engine);

    internal void Begin(SimulatedRequest request) => underWay.Add(request);

    internal void End(SimulatedRequest request) => _ = underWay.Remove(request);

    internal void Note(SimulatedOperation operation, long offset, long length)
    {
        Mix((ulong)operation);
        Mix((ulong)offset);
        Mix((ulong)length);
        Mix((ulong)schedule!.Now.Ticks);
    }

    // FNV-1a over whole words: a fingerprint, nothing more.
    private void Mix(ulong value) => Trace = (Trace ^ value) * 1099511628211;
}
