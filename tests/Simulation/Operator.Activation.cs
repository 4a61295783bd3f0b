using Tidemark.Block.Graph;
using Tidemark.Core.Json;
using Tidemark.Drivers;
using Tidemark.Io.Simulated;

namespace Tidemark.Simulation.Tests;

/// <content>Images that are handed to another process and taken back, by command.</content>
internal sealed partial class Operator
{
    private async Task HandOverAsync(SimulatedDrive drive)
    {
        var all = Round.Chance(3) && Round.Drives.TrueForAll(IsIdle);
        List<SimulatedDrive> drives = all ? Round.Drives : [drive];
        var which = all ? "" : $",'node-name':'{drive.Name}'";
        if (Round.Chance(4))
        {
            var operations = Round.Pick(SimulatedOperation.Read, SimulatedOperation.Write, SimulatedOperation.Flush);
            var (number, times) = (Round.Random.Next(1, 20), Round.Random.Next(1, 3));
            Round.Note($"fault: {operations} {number} of {drive.Path}, {times} times");
            Round.Machine.Faults.Fail(operations, number, Core.Errors.IoStatus.IoError, drive.Path, times);
        }
        var refused = await life.TryAsync("blockdev-set-active", $"{{'active':false{which}}}");
        Must.Hold(refused is not null || life.AllowsInactive, "who writes and can't wait keeps an image active");
        Must.Hold(
            refused is null || !life.AllowsInactive || MayFail || drives.Exists(HasBusy),
            $"images are handed over: {refused}"
        );
        life.RearmFaults();
        if (refused is null)
        {
            foreach (var one in drives)
            {
                await LookElsewhereAsync(one);
            }
        }
        for (var tries = 0; await life.TryAsync("blockdev-set-active", $"{{'active':true{which}}}") is { } why; tries++)
        {
            Must.Hold(tries < 20 && MayFail, $"images are taken back: {why}");
            life.RearmFaults();
        }
        drives.ForEach(CheckBitmaps);
    }

    private static bool IsIdle(SimulatedDrive drive) => drive is { HasJob: false, Pasts: 0, Mirror: null, HasSpoiltBase: false };

    private bool HasBusy(SimulatedDrive drive) => drive.Bitmaps.Exists(b => IsBusy(drive, b));

    // As the process that has them now would find them: all is written, and all bitmaps are stored.
    private async Task LookElsewhereAsync(SimulatedDrive drive)
    {
        await using var graph = new BlockGraph(life.Engine, BuiltinDrivers.CreateRegistry());
        var node = await graph.OpenFilenameAsync(drive.Path, drive.Format, new JsonObject { ["read-only"] = true });
        drive.Shadow.MustHold(await BackupImage.ReadAllAsync(node, "what was handed over"), "handed over");
        foreach (var tracked in drive.Bitmaps.Where(static b => b.IsPersistent))
        {
            var found = node.Bitmaps.Find(tracked.Name);
            Must.Hold(found is not null, $"handed over: bitmap '{tracked.Name}' is there");
            Must.Hold(
                found.IsInconsistent == tracked.IsInconsistent,
                $"handed over: bitmap '{tracked.Name}' is inconsistent: {found.IsInconsistent}"
            );
            if (!found.IsInconsistent)
            {
                Must.Hold(found.IsRecording == tracked.IsRecording, $"handed over: bitmap '{tracked.Name}' records as before");
                if (tracked.IsTrusted)
                {
                    drive.Shadow.MustBeMarked(tracked.Anchor, found, "handed over");
                }
            }
        }
        await graph.ReleaseAsync(node);
    }
}
