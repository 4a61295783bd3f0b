using Tidemark.Core.Errors;
using Tidemark.Core.Schema;

namespace Tidemark.Jobs;

/// <summary>What a job does about an error of its source or target; QMP's BlockdevOnError.</summary>
[Schema]
public enum JobErrorPolicy
{
    /// <summary>Fail.</summary>
    Report,

    /// <summary>Try again.</summary>
    Ignore,

    /// <summary>Pause when there is no space left, fail on anything else.</summary>
    Enospc,

    /// <summary>Pause.</summary>
    Stop,

    /// <summary>As <see cref="Enospc"/>.</summary>
    Auto,
}

/// <summary>Deciding by policy.</summary>
public static class JobErrorPolicyRule
{
    /// <summary>What <paramref name="policy"/> does about <paramref name="status"/>.</summary>
    public static JobErrorAction Decide(this JobErrorPolicy policy, IoStatus status) =>
        policy switch
        {
            JobErrorPolicy.Ignore => JobErrorAction.Ignore,
            JobErrorPolicy.Stop => JobErrorAction.Stop,
            JobErrorPolicy.Enospc or JobErrorPolicy.Auto when status == IoStatus.NoSpace => JobErrorAction.Stop,
            _ => JobErrorAction.Report,
        };
}
