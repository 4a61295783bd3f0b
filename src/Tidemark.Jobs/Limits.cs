namespace Tidemark.Jobs;

/// <summary>The bounds of this room.</summary>
internal static class Limits
{
    /// <summary>Finest granularity of a mirror's bitmap, bytes: the reference's.</summary>
    public const long LeastMirrorGranularity = 512;

    /// <summary>Coarsest granularity of a mirror's bitmap, bytes: the reference's.</summary>
    public const long GreatestMirrorGranularity = 64L << 20;

    /// <summary>
    /// Turns of the loop in which a job that was paused or cancelled may come to rest before whoever asked for it hears that it was
    /// done: more than any kind takes when nothing has to be waited for.
    /// </summary>
    public const int TurnsToRest = 64;

    /// <summary>How long whoever cancels a job waits for its last steps: closing and opening files, not much more.</summary>
    public static readonly TimeSpan TimeToRest = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a mirror that has caught up lets writes gather before it copies them: a place that is written again and again is
    /// copied ten times a second and no oftener. The reference's.
    /// </summary>
    public static readonly TimeSpan MirrorGathering = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a mirror that could end lets others that hold nodes of the graph go first, before it asks again.</summary>
    public static readonly TimeSpan MirrorStandingBack = TimeSpan.FromMilliseconds(1);
}
