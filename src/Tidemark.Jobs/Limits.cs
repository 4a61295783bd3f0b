namespace Tidemark.Jobs;

/// <summary>The bounds of this room.</summary>
internal static class Limits
{
    /// <summary>Finest granularity of a mirror's bitmap, bytes: the reference's.</summary>
    public const long LeastMirrorGranularity = 512;

    /// <summary>Coarsest granularity of a mirror's bitmap, bytes: the reference's.</summary>
    public const long GreatestMirrorGranularity = 64L << 20;

    /// <summary>
    /// How long a mirror that has caught up lets writes gather before it copies them: a place that is written again and again is
    /// copied ten times a second and no oftener. The reference's.
    /// </summary>
    public static readonly TimeSpan MirrorGathering = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a mirror that could end lets others that hold nodes of the graph go first, before it asks again.</summary>
    public static readonly TimeSpan MirrorStandingBack = TimeSpan.FromMilliseconds(1);
}
