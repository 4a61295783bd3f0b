using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Nbd.Client;

namespace Tidemark.Simulation.Tests;

/// <content>What is done to disks under the eyes of their guests: other sizes, other options, bitmaps exported while they record.</content>
internal sealed partial class Operator
{
    // Guests that are connected keep to the size that they were told.
    private async Task GrowAsync(SimulatedDrive drive)
    {
        var cells = drive.Shadow.Count + Round.Random.Next(1, 64) * 4;
        drive.Shadow.MayGrowTo(cells);
        var refused = await life.TryAsync("block_resize", $"{{'device':'{drive.Name}','size':{(long)cells * Cells.Bytes}}}");
        if (refused is null)
        {
            drive.Shadow.Grow(cells);
        }
    }

    private async Task ReopenAsync(SimulatedDrive drive)
    {
        var options = drive.Options.DeepClone();
        options["discard"] = Round.Pick("ignore", "unmap");
        options["detect-zeroes"] = Round.Pick("off", "on");
        if (drive.Format == "qcow2")
        {
            options["l2-cache-entry-size"] = 512 << Round.Random.Next(3);
            options["l2-cache-size"] = 2048 << Round.Random.Next(4);
        }
        var refused = await life.TryAsync("blockdev-reopen", new JsonObject { ["options"] = new JsonArray([options]) }.ToJson());
        if (refused is null)
        {
            drive.Options = options;
        }
    }

    /// <summary>A second export with a bitmap that goes on recording: what a client sees has all that had changed when it asked.</summary>
    private async Task LookThroughExportAsync(SimulatedDrive drive, TrackedBitmap tracked)
    {
        var id = Round.NewName("look");
        if (
            await life.TryAsync(
                "block-export-add",
                $"{{'type':'nbd','id':'{id}','node-name':'{drive.Name}','name':'{id}','writable':true,'bitmaps':['{tracked.Name}']}}"
            )
            is not null
        )
        {
            return;
        }
        await using (
            var client = await NbdClient.OpenAsync(
                await life.Engine.ConnectAsync(life.NbdAddress, CancellationToken.None),
                new(id, [$"qemu:dirty-bitmap:{tracked.Name}"])
            )
        )
        {
            var changed = drive.Shadow.ChangedSince(tracked.Anchor);
            var result = new BlockStatusResult();
            var dirty = new bool[drive.Shadow.Count];
            for (var at = 0L; at < (long)dirty.Length * Cells.Bytes; )
            {
                Assert.Equal(
                    IoStatus.Ok,
                    await client.BlockStatusAsync(at, (long)dirty.Length * Cells.Bytes - at, one: false, result)
                );
                foreach (var extent in result[0])
                {
                    if (extent.Status != 0)
                    {
                        dirty.AsSpan((int)(at / Cells.Bytes)..(int)((at + extent.Length) / Cells.Bytes)).Fill(true);
                    }
                    at += extent.Length;
                }
            }
            foreach (var cell in changed)
            {
                Must.Hold(
                    dirty[cell] || tracked is not { IsTrusted: true, IsInJob: false },
                    $"{id}: cell {cell} changed and is not in what '{tracked.Name}' shows\n{drive.Shadow.StoryOf(cell)}"
                );
            }
        }
        await life.MustAsync("block-export-del", $"{{'id':'{id}','mode':'hard'}}");
        while (life.Context.Exports.Find(id) is not null)
        {
            await life.Engine.Loop.DelayAsync(TimeSpan.FromMicroseconds(10), CancellationToken.None);
        }
    }
}
