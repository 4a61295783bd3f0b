using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Drivers;
using Tidemark.Io.Contract;

namespace Tidemark.Simulation.Tests;

/// <summary>What is on the disk after a daemon's end must be as the model says: images whole, content right, bitmaps not too small.</summary>
internal static class Inspection
{
    /// <summary>Looks at everything.</summary>
    public static async Task RunAsync(Round round, Life life, IoEngine engine, bool crashed)
    {
        foreach (var drive in round.Drives)
        {
            drive.Mirror?.Settle();
            drive.Overlay?.Settle();
            drive.HasJob = false;
            drive.MayHaveOldFlags |= (crashed || life.HadFaults) && drive.IsTakingSnapshot;
            drive.IsTakingSnapshot = false;
            drive.MayLeak |= crashed || life.HadFaults;
            _ = drive.Bitmaps.RemoveAll(static b => !b.IsPersistent);
        }
        if (!crashed)
        {
            foreach (var run in life.Unfinished)
            {
                await run.JudgeAsync(engine);
            }
        }
        foreach (var drive in round.Drives)
        {
            drive.Bitmaps.ForEach(Forget);
            await WriteBackAsync(engine, drive.Path);
            await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
            foreach (var path in drive.LowerPaths)
            {
                await WriteBackAsync(engine, path);
                var lower = await graph.OpenFilenameAsync(path, "qcow2", new JsonObject { ["read-only"] = true });
                if (!IsDirty(round.Machine.ReadFile(path)))
                {
                    await CheckAsync(drive, (IImageChecker)lower.Driver, crashed);
                }
                await graph.ReleaseAsync(lower);
            }
            var node = await graph.OpenFilenameAsync(drive.Path, drive.Format, new JsonObject { ["read-only"] = true });
            if (node.Driver is IImageChecker checker && !IsDirty(round.Machine.ReadFile(drive.Path)))
            {
                await CheckAsync(drive, checker, crashed);
            }
            drive.Shadow.Settle(
                await BackupImage.ReadAllAsync(node, drive.Name),
                crashed ? "after a crash" : "after a clean end"
            );
            if (crashed)
            {
                // One that had never been stored may have been just now, or not.
                _ = drive.Bitmaps.RemoveAll(b => !b.IsStored && node.Bitmaps.Find(b.Name) is null);
            }
            JudgeBitmaps(round, drive, node, crashed, crashed ? "after a crash" : "after a clean end");
            if (!crashed && !life.HadFaults)
            {
                MustBeKnown(drive, node, "after a clean end");
            }
            foreach (var bitmap in drive.Bitmaps)
            {
                bitmap.IsStored = true;
            }
            await graph.ReleaseAsync(node);
            await JudgeSnapshotsAsync(engine, drive);
        }
    }

    // Each in a graph of its own: a node that shows its past shows nothing else any more.
    private static async Task JudgeSnapshotsAsync(IoEngine engine, SimulatedDrive drive)
    {
        foreach (var kept in drive.Snapshots)
        {
            await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
            var node = await graph.OpenFilenameAsync(drive.Path, drive.Format, new JsonObject { ["read-only"] = true });
            var driver = (ISnapshotDriver)node.Driver;
            var found = SnapshotInfo.Find(driver.Snapshots, null, kept.Name);
            Must.Hold(found is not null, $"{drive.Name}: snapshot '{kept.Name}' is there");
            await driver.ShowSnapshotAsync(found);
            var content = await BackupImage.ReadAllAsync(node, kept.Name);
            for (var cell = 0; cell < content.Length; cell++)
            {
                Must.Hold(
                    kept.Moment.Allows(cell, content[cell]),
                    $"{drive.Name}, '{kept.Name}': cell {cell} is {content[cell]}"
                );
            }
            await graph.ReleaseAsync(node);
        }
    }

    /// <summary>Every bitmap that must be there is, and has what it must have; one that is inconsistent is given up.</summary>
    public static void JudgeBitmaps(Round round, SimulatedDrive drive, BlockNode node, bool mayBeInDoubt, string what)
    {
        foreach (var tracked in drive.Bitmaps)
        {
            var bitmap = node.Bitmaps.Find(tracked.Name);
            Must.Hold(bitmap is not null, $"{what}: bitmap '{tracked.Name}' is there");
            if (bitmap.IsInconsistent)
            {
                Must.Hold(mayBeInDoubt || tracked.IsInconsistent, $"{what}: bitmap '{tracked.Name}' is consistent");
                (tracked.IsInconsistent, tracked.IsTrusted) = (true, false);
                continue;
            }
            Must.Hold(!tracked.IsInconsistent, $"{what}: bitmap '{tracked.Name}' is inconsistent for ever");
            Must.Hold(!bitmap.IsBusy, $"{what}: bitmap '{tracked.Name}' is free");
            Must.Hold(bitmap.IsRecording == tracked.IsRecording, $"{what}: bitmap '{tracked.Name}' records as before");
            if (tracked.IsTrusted)
            {
                drive.Shadow.MustBeMarked(tracked.Anchor, bitmap, what);
            }
        }
        round.Note($"{what}: {drive.Name} is judged");
    }

    /// <summary>No bitmap is there that nobody has made, or that somebody has removed.</summary>
    public static void MustBeKnown(SimulatedDrive drive, BlockNode node, string what)
    {
        foreach (var name in node.Bitmaps.Select(static b => b.Name).OfType<string>())
        {
            Must.Hold(
                drive.Strays.Contains(name) || drive.Bitmaps.Exists(b => b.Name == name),
                $"{what}: bitmap '{name}' is nobody's"
            );
        }
    }

    // How its job ended nobody heard any more.
    private static void Forget(TrackedBitmap bitmap)
    {
        if (bitmap.IsInJob)
        {
            (bitmap.IsInJob, bitmap.IsTrusted, bitmap.Tip) = (false, false, null);
        }
    }

    // The process is dead, the machine perhaps not: sooner or later it writes back what it has.
    private static async Task WriteBackAsync(IoEngine engine, string path)
    {
        await using var file = await engine.OpenFileAsync(path, new FileOpenOptions(Writable: true));
        Assert.Equal(IoStatus.Ok, await file.FlushAsync());
    }

    private static async Task CheckAsync(SimulatedDrive drive, IImageChecker checker, bool crashed)
    {
        var lines = new List<string>();
        var result = await checker.CheckAsync(ImageRepair.None, lines.Add);
        var oldFlags =
            drive.MayHaveOldFlags || drive.MayHaveOldFlagsBelow
                ? lines.Count(static line => line.Contains("OFLAG_COPIED", StringComparison.Ordinal))
                : 0;
        Must.Hold(
            result.CheckErrors == 0 && result.Corruptions <= oldFlags && (drive.MayLeak || result.Leaks == 0),
            $"{drive.Name}: {(crashed ? "after a crash" : "after a clean end")} {result.Corruptions} corruptions, {result.Leaks} leaks\n{string.Join('\n', lines.TakeLast(30))}"
        );
    }

    // With lazy refcounts, a crash leaves them behind and says so; the next writer counts anew. "Incompatible features", bit 0.
    private static bool IsDirty(byte[] image) => (image[79] & 1) != 0;
}
