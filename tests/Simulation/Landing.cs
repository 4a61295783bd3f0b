using Tidemark.Core.Json;

namespace Tidemark.Simulation.Tests;

/// <summary>A disk of a migration: what the destination opens, and which bitmaps come with it.</summary>
internal sealed record Landing(SimulatedDrive Drive, JsonObject Options, string Path, string Alias)
{
    /// <summary>The node's name at the source.</summary>
    public string NodeHere { get; } = Drive.Name;

    /// <summary>The node's name at the destination.</summary>
    public string NodeThere => Options.GetString("node-name")!; // all our options have one

    /// <summary>Whether the destination has an image of its own.</summary>
    public bool IsOwn { get; } = Path != Drive.Path;

    /// <summary>The bitmaps that travel.</summary>
    public List<Passenger> Passengers { get; } = [];

    /// <summary>What the bitmaps held when the source let go of the disk, cell by cell.</summary>
    public Dictionary<TrackedBitmap, bool[]> Left { get; } = [];
}

/// <summary>A bitmap that travels: its names, and what either side makes of it.</summary>
internal sealed record Passenger(TrackedBitmap Bitmap, string NameThere, string Alias, bool? Sends, bool? Makes)
{
    /// <summary>Whether it is stored at the destination.</summary>
    public bool IsPersistentThere { get; } = Makes ?? Sends ?? Bitmap.IsPersistent;

    /// <summary>The member of a mapping's entry.</summary>
    public string Transform(bool atSource) =>
        (atSource ? Sends : Makes) is { } persistent ? $",'transform':{{'persistent':{(persistent ? "true" : "false")}}}" : "";
}
