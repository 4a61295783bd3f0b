namespace Tidemark.Simulation.Tests;

/// <content>Internal snapshots.</content>
internal sealed partial class Operator
{
    /// <summary>Keeps the disk as it is within its image, or lets go of what was kept.</summary>
    private async Task SnapshotAsync(SimulatedDrive drive)
    {
        // One that fails may leave old flags, too; the next one that does well mends them.
        drive.IsTakingSnapshot = true;
        var isWell =
            drive.Snapshots.Count > 0 && Round.Chance(3) ? await DeleteSnapshotAsync(drive) : await TakeSnapshotAsync(drive);
        drive.IsTakingSnapshot = !isWell;
        drive.MayHaveOldFlags &= !isWell;
    }

    private async Task<bool> TakeSnapshotAsync(SimulatedDrive drive)
    {
        var name = Round.NewName("kept");
        var window = drive.Shadow.OpenWindow();
        var refused = await life.TryAsync("blockdev-snapshot-internal-sync", $"{{'device':'{drive.Name}','name':'{name}'}}");
        drive.Shadow.CloseWindow(window);
        if (refused is null && !drive.HasSpoiltBase)
        {
            drive.Snapshots.Add(new(name, window));
        }
        return refused is null;
    }

    private async Task<bool> DeleteSnapshotAsync(SimulatedDrive drive)
    {
        var chosen = Round.Pick<KeptSnapshot>([.. drive.Snapshots]);
        // Where it fails halfway, it may be gone.
        _ = drive.Snapshots.Remove(chosen);
        return await life.TryAsync(
            "blockdev-snapshot-delete-internal-sync",
            $"{{'device':'{drive.Name}','name':'{chosen.Name}'}}"
        )
            is null;
    }
}
