using Tidemark.Core.Errors;

namespace Tidemark.Jobs;

/// <summary>
/// The life of a job as data: which status may follow which, and which verbs a status accepts. A user's wrong verb is refused
/// with words; a status out of turn is a mistake of ours.
/// </summary>
public static class JobTransitions
{
    private static readonly (JobStatus From, JobStatus[] To)[] Table =
    [
        (JobStatus.Undefined, [JobStatus.Created]),
        (JobStatus.Created, [JobStatus.Running, JobStatus.Aborting, JobStatus.Null]),
        (JobStatus.Running, [JobStatus.Paused, JobStatus.Ready, JobStatus.Waiting, JobStatus.Aborting]),
        (JobStatus.Paused, [JobStatus.Running]),
        (JobStatus.Ready, [JobStatus.Standby, JobStatus.Waiting, JobStatus.Aborting]),
        (JobStatus.Standby, [JobStatus.Ready]),
        (JobStatus.Waiting, [JobStatus.Pending, JobStatus.Aborting]),
        (JobStatus.Pending, [JobStatus.Aborting, JobStatus.Concluded]),
        (JobStatus.Aborting, [JobStatus.Concluded]),
        (JobStatus.Concluded, [JobStatus.Null]),
        (JobStatus.Null, []),
    ];

    private static readonly JobStatus[] AtWork =
    [
        JobStatus.Created,
        JobStatus.Running,
        JobStatus.Paused,
        JobStatus.Ready,
        JobStatus.Standby,
    ];

    private static readonly (JobVerb Verb, JobStatus[] In)[] Verbs =
    [
        (JobVerb.Cancel, [.. AtWork, JobStatus.Waiting, JobStatus.Pending]),
        (JobVerb.Pause, AtWork),
        (JobVerb.Resume, AtWork),
        (JobVerb.SetSpeed, AtWork),
        (JobVerb.Complete, [JobStatus.Ready, JobStatus.Standby]),
        (JobVerb.Finalize, [JobStatus.Pending]),
        (JobVerb.Dismiss, [JobStatus.Concluded]),
        (JobVerb.Change, AtWork),
    ];

    /// <summary>Whether <paramref name="to"/> may follow <paramref name="from"/>.</summary>
    public static bool IsLegal(JobStatus from, JobStatus to) => Array.Find(Table, row => row.From == from).To.Contains(to);

    /// <summary>Whether a job that is <paramref name="status"/> accepts <paramref name="verb"/>.</summary>
    public static bool Accepts(JobStatus status, JobVerb verb) => Array.Find(Verbs, row => row.Verb == verb).In.Contains(status);

    internal static void Require(JobStatus from, JobStatus to) =>
        Invariant.That(IsLegal(from, to), $"a job that is {from} does not become {to}");
}
