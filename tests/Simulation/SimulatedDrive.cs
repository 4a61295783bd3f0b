using Tidemark.Core.Json;

namespace Tidemark.Simulation.Tests;

/// <summary>A disk of the simulated system: its image, its model, its bitmaps. It outlives daemons, and mirrors give it other images.</summary>
internal sealed class SimulatedDrive(string name, string format, int cells)
{
    /// <summary>Its node's name. The export's is that of <see cref="Shadow"/>, for ever.</summary>
    public string Name { get; private set; } = name;

    /// <summary>qcow2 or raw.</summary>
    public string Format { get; private set; } = format;

    /// <summary>Where its image is.</summary>
    public string Path { get; private set; } = $"/{name}";

    /// <summary>Whether bitmaps can be stored.</summary>
    public bool CanStore => Format == "qcow2";

    /// <summary>The images below it when it was made, the nearest first; streams and commits leave some of them out.</summary>
    public IReadOnlyList<string> LowerPaths { get; set; } = [];

    /// <summary>The image below it when it was made, if there was one. What it holds with all that is below it never changes.</summary>
    public string? BasePath => LowerPaths.Count > 0 && !HasSpoiltBase ? LowerPaths[0] : null;

    /// <summary>Whether guests' data may have been written to the images below, on which nothing else can be put then.</summary>
    public bool HasSpoiltBase { get; set; }

    /// <summary>Whether there are backups on top of the images below.</summary>
    public bool HasTopBackups { get; set; }

    /// <summary>What it holds.</summary>
    public ShadowDisk Shadow { get; } = new(name, cells);

    /// <summary>Its bitmaps.</summary>
    public List<TrackedBitmap> Bitmaps { get; } = [];

    /// <summary>Its internal snapshots.</summary>
    public List<KeptSnapshot> Snapshots { get; } = [];

    /// <summary>Whether a job reads it.</summary>
    public bool HasJob { get; set; }

    /// <summary>The mirror whose end is not known yet.</summary>
    public MirrorRun? Mirror { get; set; }

    /// <summary>The external snapshot that is being taken.</summary>
    public OverlayRun? Overlay { get; set; }

    /// <summary>How many views of its past there are.</summary>
    public int Pasts { get; set; }

    /// <summary>Whether something went wrong that may leave leaks in its image.</summary>
    public bool MayLeak { get; set; }

    /// <summary>
    /// Whether a crash may have come while a snapshot was taken or let go, between the counts and the flags that follow from them: then
    /// a flag may say "one reference" where another that nobody has is counted.
    /// </summary>
    public bool MayHaveOldFlags { get; set; }

    /// <summary>Whether that may be so in the images below.</summary>
    public bool MayHaveOldFlagsBelow { get; set; }

    /// <summary>Whether a command for snapshots is under way.</summary>
    public bool IsTakingSnapshot { get; set; }

    /// <summary>Whether its node came with another and has no name but the one that the graph made.</summary>
    public bool IsImplicit { get; private set; }

    /// <summary>What blockdev-add takes.</summary>
    public JsonObject Options { get; set; } = [];

    /// <summary>
    /// Guests are on another image now, which knows nothing of the old one's bitmaps and snapshots. <paramref name="node"/> is its node
    /// in this life, if the graph named that.
    /// </summary>
    public void MoveTo(string path, string format, IReadOnlyList<string> lower, JsonObject options, string? node)
    {
        (Path, Format, LowerPaths, Options) = (path, format, lower, options);
        IsImplicit = node is not null;
        Name = node ?? options.GetString("node-name")!; // all our options have one
        Bitmaps.Clear();
        Snapshots.Clear();
        (MayHaveOldFlags, IsTakingSnapshot) = (false, false);
    }

    /// <summary>It has come to another machine, with its bitmaps; <paramref name="path"/> may be another image with the same data.</summary>
    public void ComeTo(string path, IReadOnlyList<string> lower, JsonObject options)
    {
        if (path != Path)
        {
            Snapshots.Clear();
            (MayHaveOldFlags, IsTakingSnapshot, HasTopBackups) = (false, false, false);
        }
        (Path, LowerPaths, Options) = (path, lower, options);
        // They come by another way, and are stored when that machine ends.
        Bitmaps.ForEach(static b => b.IsStored = false);
        BeginLife();
    }

    /// <summary>Names of bitmaps that a command changed at a machine that had let the disk go: nobody knows whether they are there.</summary>
    public HashSet<string> Strays { get; } = [];

    /// <summary>A new daemon opens it by <see cref="Options"/>.</summary>
    public void BeginLife() =>
        (Name, IsImplicit, Mirror, HasJob, Pasts) = (Options.GetString("node-name")!, false, null, false, 0);
}
