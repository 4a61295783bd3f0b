using System.Diagnostics;

namespace Tidemark.Fuzz;

/// <summary>Feeds a target with spoilt inputs until a count or a time is reached, or it finds something.</summary>
internal sealed class FuzzRun(FuzzTarget target, int seed)
{
    /// <summary>What an input took at most before it counts as endless.</summary>
    public static readonly TimeSpan InputDeadline = TimeSpan.FromSeconds(30);

    private byte[]? current;
    private long startedAt;

    /// <summary>Inputs tried.</summary>
    public long Count { get; private set; }

    /// <summary>The first input that found something, with what it found; null if none did.</summary>
    public (byte[] Input, string Finding)? Run(long mostRuns, TimeSpan longest, Action<byte[]> endless)
    {
        using var watch = new Timer(_ => CheckDeadline(endless), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        var seeds = target.CreateSeeds();
        var mutator = new Mutator(seed);
        var clock = Stopwatch.StartNew();
        foreach (var valid in seeds)
        {
            if (TryOne(valid) is { } finding)
            {
                return (valid, finding);
            }
        }
        while (Count < mostRuns && clock.Elapsed < longest)
        {
            var input = mutator.Next(seeds);
            if (TryOne(input) is { } finding)
            {
                return (input, finding);
            }
        }
        return null;
    }

    /// <summary>Tries one input; null, or what it found.</summary>
    public string? TryOne(byte[] input)
    {
        Count++;
        Volatile.Write(ref startedAt, Stopwatch.GetTimestamp());
        Volatile.Write(ref current, input);
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            target.Run(input);
        }
        catch (Exception error)
        {
            return error.ToString();
        }
        finally
        {
            Volatile.Write(ref current, null);
        }
        var cost = GC.GetAllocatedBytesForCurrentThread() - before;
        return cost > target.MemoryBound ? $"One input cost {cost} bytes of memory" : null;
    }

    private void CheckDeadline(Action<byte[]> endless)
    {
        if (Volatile.Read(ref current) is { } input && Stopwatch.GetElapsedTime(Volatile.Read(ref startedAt)) > InputDeadline)
        {
            endless(input);
        }
    }
}
