namespace Tidemark.Control.Fleecing;

/// <summary>The bounds of fleecing.</summary>
internal static class FleecingLimits
{
    /// <summary>How long a guest's write waits for its old data to be saved if nothing is said, seconds: less than guests give a disk (30 to 60).</summary>
    public const uint DefaultTimeoutSeconds = 20;
}
