using Tidemark.Core.Schema;

namespace Tidemark.Jobs;

/// <summary>Where a job is in its life; the words are QMP's JobStatus. Which may follow which is in <see cref="JobTransitions"/>.</summary>
[Schema]
public enum JobStatus
{
    /// <summary>Not registered yet; never seen by users.</summary>
    Undefined,

    /// <summary>Registered, not started.</summary>
    Created,

    /// <summary>At work.</summary>
    Running,

    /// <summary>Stopped by a user, an error policy or a drained section.</summary>
    Paused,

    /// <summary>At work; what it does can be completed at any moment (mirror, active commit).</summary>
    Ready,

    /// <summary>As <see cref="Paused"/>, from <see cref="Ready"/>.</summary>
    Standby,

    /// <summary>Its work is done; it waits for the other jobs of its transaction.</summary>
    Waiting,

    /// <summary>All of its transaction are done; it waits to be finalized.</summary>
    Pending,

    /// <summary>It failed or was cancelled, and is undoing.</summary>
    Aborting,

    /// <summary>All is over; it waits to be dismissed.</summary>
    Concluded,

    /// <summary>Gone.</summary>
    Null,
}
