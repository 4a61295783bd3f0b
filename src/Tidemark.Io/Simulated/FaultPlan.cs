using Tidemark.Core.Errors;

namespace Tidemark.Io.Simulated;

/// <summary>
/// What shall go wrong on a simulated machine: the Nth operation of a kind, on a certain file or on any, fails or is the
/// last thing that happens. Counting begins when the rule is added.
/// </summary>
public sealed class FaultPlan
{
    private readonly List<Rule> rules = [];

    /// <summary>How many faults have happened so far: 0 after a run means that it passed untouched.</summary>
    public int Fired { get; private set; }

    /// <summary>
    /// Lets the <paramref name="number"/>th operation (from 1) of <paramref name="operations"/> fail with
    /// <paramref name="status"/>, and those after it up to <paramref name="times"/> in all. A failed write may have reached the
    /// disk in part. <paramref name="path"/>, if given, is the file's path or the end of it.
    /// </summary>
    public void Fail(SimulatedOperation operations, int number, IoStatus status, string? path = null, int times = 1)
    {
        Invariant.That(number > 0 && times > 0 && status != IoStatus.Ok, "a fault has a number, a count and an error");
        rules.Add(new Rule(operations, path, number, times, status, null));
    }

    /// <summary>Lets the run crash right after the <paramref name="number"/>th operation (from 1), before anyone hears of its end.</summary>
    public void CrashAfter(SimulatedOperation operations, int number, CrashKind kind, string? path = null)
    {
        Invariant.That(number > 0, "a crash has a number");
        rules.Add(new Rule(operations, path, number, 1, IoStatus.Ok, kind));
    }

    /// <summary>Takes all rules back.</summary>
    public void Clear()
    {
        rules.Clear();
        Fired = 0;
    }

    /// <summary>Counts the operation and says what becomes of it.</summary>
    internal (IoStatus Failure, CrashKind? Crash) Next(SimulatedOperation operation, string path)
    {
        var failure = IoStatus.Ok;
        CrashKind? crash = null;
        foreach (var rule in rules)
        {
            if (
                (rule.Operations & operation) == 0
                || (rule.Path is not null && !path.EndsWith(rule.Path, StringComparison.Ordinal))
            )
            {
                continue;
            }
            rule.Seen++;
            if (rule.Seen < rule.Number || rule.Seen >= rule.Number + rule.Times)
            {
                continue;
            }
            Fired++;
            crash ??= rule.Crash;
            failure = failure == IoStatus.Ok ? rule.Status : failure;
        }
        return (failure, crash);
    }

    private sealed record Rule(
        SimulatedOperation Operations,
        string? Path,
        int Number,
        int Times,
        IoStatus Status,
        CrashKind? Crash
    )
    {
        public long Seen { get; set; }
    }
}
