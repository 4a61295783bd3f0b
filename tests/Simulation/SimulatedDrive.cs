using Tidemark.Core.Json;

namespace Tidemark.Simulation.Tests;

/// <summary>A disk of the simulated system: its image, its model, its bitmaps. It outlives daemons.</summary>
internal sealed class SimulatedDrive(string name, string format, int cells)
{
    /// <summary>Node's, export's and image's name.</summary>
    public string Name => name;

    /// <summary>qcow2 or raw.</summary>
    public string Format => format;

    /// <summary>Where its image is.</summary>
    public string Path => $"/{name}";

    /// <summary>Whether bitmaps can be stored.</summary>
    public bool CanStore => format == "qcow2";

    /// <summary>The images below it when it was made, the nearest first; streams and commits leave some of them out.</summary>
    public IReadOnlyList<string> LowerPaths { get; init; } = [];

    /// <summary>The image below it when it was made, if there was one. What it holds with all that is below it never changes.</summary>
    public string? BasePath => LowerPaths.Count > 0 ? LowerPaths[0] : null;

    /// <summary>What it holds.</summary>
    public ShadowDisk Shadow { get; } = new(name, cells);

    /// <summary>Its bitmaps.</summary>
    public List<TrackedBitmap> Bitmaps { get; } = [];

    /// <summary>Whether a job reads it.</summary>
    public bool HasJob { get; set; }

    /// <summary>Whether something went wrong that may leave leaks in its image.</summary>
    public bool MayLeak { get; set; }

    /// <summary>What blockdev-add takes.</summary>
    public JsonObject Options { get; set; } = [];
}
