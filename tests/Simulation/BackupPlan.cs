namespace Tidemark.Simulation.Tests;

/// <summary>A backup that an operator has in mind.</summary>
internal sealed record BackupPlan(SimulatedDrive Drive, string Sync, TrackedBitmap? Bitmap, string? Mode)
{
    /// <summary>"clear" or "add": what the same transaction does with the bitmap before; the job then does not name it.</summary>
    public string? Before { get; init; }

    /// <summary>Whether the image goes on top of the bitmap's last backup.</summary>
    public bool IsIncrement => Sync is "incremental" or "bitmap";
}
