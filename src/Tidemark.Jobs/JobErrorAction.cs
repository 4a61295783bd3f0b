using Tidemark.Core.Schema;

namespace Tidemark.Jobs;

/// <summary>What a job did about an error; QMP's BlockErrorAction.</summary>
[Schema]
public enum JobErrorAction
{
    /// <summary>It tries again.</summary>
    Ignore,

    /// <summary>It fails.</summary>
    Report,

    /// <summary>It is paused.</summary>
    Stop,
}
