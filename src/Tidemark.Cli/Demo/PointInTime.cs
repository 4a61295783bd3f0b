namespace Tidemark.Cli.Demo;

/// <summary>A backup and the instant that it holds.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="Kind">"full", "increment".</param>
/// <param name="Remark">What was special about it; empty if nothing was.</param>
/// <param name="ImagePath">The image: it and those behind it hold the disk at that instant.</param>
/// <param name="TakenAfter">Time since the demo began.</param>
/// <param name="Mark">The instant, in the <see cref="TruthLog"/>.</param>
/// <param name="BytesCopied">What the job copied.</param>
/// <param name="Duration">How long the job took.</param>
/// <param name="WritesMeanwhile">Writes of the guest while the job ran.</param>
internal sealed record PointInTime(
    int Number,
    string Kind,
    string Remark,
    string ImagePath,
    TimeSpan TakenAfter,
    long Mark,
    long BytesCopied,
    TimeSpan Duration,
    int WritesMeanwhile
)
{
    /// <summary>The name of the image without its folder.</summary>
    public string ImageName => Path.GetFileName(ImagePath);

    /// <summary>Where it is restored to, once it is.</summary>
    public string? RestoredPath { get; set; }

    /// <summary>How long that took.</summary>
    public TimeSpan RestoreTime { get; set; }

    /// <summary>Whether every byte is what the disk held at that instant.</summary>
    public bool IsIdentical { get; set; }

    /// <summary>What the judges found wrong; empty when nothing.</summary>
    public List<string> Objections { get; } = [];
}
