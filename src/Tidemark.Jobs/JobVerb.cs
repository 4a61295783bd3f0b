using Tidemark.Core.Schema;

namespace Tidemark.Jobs;

/// <summary>What a user may ask of a job. When it may be asked is in <see cref="JobTransitions"/>.</summary>
[Schema]
public enum JobVerb
{
    /// <summary>Give up.</summary>
    Cancel,

    /// <summary>Stop for the time being.</summary>
    Pause,

    /// <summary>Go on.</summary>
    Resume,

    /// <summary>Change the speed limit.</summary>
    SetSpeed,

    /// <summary>Bring a ready job to its end.</summary>
    Complete,

    /// <summary>Take the last step.</summary>
    Finalize,

    /// <summary>Forget the job.</summary>
    Dismiss,

    /// <summary>Go on in another way. Of versions after 7.2.</summary>
    Change,
}
