using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Drivers;
using Tidemark.Io.Simulated;
using Tidemark.Jobs;

namespace Tidemark.Simulation.Tests;

/// <summary>
/// One mirror, or commit of the image that guests write to. Guests who move find what they wrote, those who stay lose nothing, and a
/// copy that is let go when it is ready is the disk of that moment. After a crash the disk is where the guests were.
/// </summary>
internal sealed partial class MirrorRun
{
    private readonly Life life;
    private readonly SimulatedDrive drive;
    private readonly string id;
    private readonly string kind;
    private readonly string ending;
    private readonly string path;
    private readonly string format;
    private readonly IReadOnlyList<string> lower;
    private readonly JsonObject options;

    // A path, which the job opens or makes, or a node.
    private readonly bool isByPath;
    private readonly bool isMade;
    private Instant? moment;
    private bool isCompleting;
    private bool? hadMoved;

    public MirrorRun(Life life, SimulatedDrive drive)
    {
        (this.life, this.drive) = (life, drive);
        id = Round.NewName("mirror");
        var below = drive.LowerPaths;
        kind =
            below.Count > 0 && !drive.HasTopBackups && Round.Chance(3) ? "commit"
            : drive.BasePath is not null && Round.Chance(2) ? "top"
            : "full";
        ending = Round.Pick("complete", "complete", "complete", "soft", "hard");
        format = kind == "full" && Round.Chance(4) ? "raw" : "qcow2";
        var name = Round.NewName("disk");
        options = Round.NodeOptions(name, format);
        (path, lower) = ($"/{name}", kind == "top" ? below : []);
        isByPath = kind != "commit" && Round.Chance(3);
        isMade = isByPath && Round.Chance(2);
        if (isByPath)
        {
            _ = options.Remove("l2-cache-entry-size");
            _ = options.Remove("l2-cache-size");
        }
        if (kind == "commit")
        {
            var to = Round.Random.Next(below.Count);
            (path, lower) = (below[to], [.. below.Skip(to + 1)]);
            options["file"] = new JsonObject { ["driver"] = "file", ["filename"] = path };
        }
    }

    private Round Round => life.Round;

    private string Target => options.GetString("node-name")!; // all our options have one

    /// <summary>Whether guests may be on their way: then nobody else acts upon the disk.</summary>
    public bool Moves => ending == "complete";

    /// <summary>Starts it; whether it was.</summary>
    public async Task<bool> BeginAsync()
    {
        if (kind != "commit")
        {
            await PrepareAsync();
        }
        if (Round.Chance(3))
        {
            InjectFault();
        }
        if (kind == "commit")
        {
            // What it writes to the images below shows in snapshots, too.
            drive.HasSpoiltBase = true;
            drive.Snapshots.Clear();
        }
        (drive.HasJob, drive.Mirror) = (true, this);
        var refused = await life.TryAsync(
            kind == "commit" ? "block-commit"
                : isByPath ? "drive-mirror"
                : "blockdev-mirror",
            Arguments().ToJson()
        );
        if (refused is null)
        {
            return true;
        }
        // Streams and other commits may have left nothing to commit to.
        // The image must be below nothing; what a commit left above it may be.
        var mayBeBelow = isByPath || drive.IsImplicit;
        Must.Hold(kind == "commit" || mayBeBelow || Round.Machine.Faults.Fired > 0, $"a mirror is started: {refused}");
        (drive.HasJob, drive.Mirror) = (false, null);
        await DropTargetAsync();
        return false;
    }

    /// <summary>Disturbs it until it is over, and draws the conclusions.</summary>
    public async Task WatchAsync()
    {
        var ended = life.WaitEndAsync(id);
        await life.DisturbAsync(id, StepAsync);
        var end = await ended;
        if (moment is not null)
        {
            drive.Shadow.CloseWindow(moment);
        }
        await life.UntilAsync(() => life.Context.Jobs.Find(id) is null);
        if (life.IsEnding)
        {
            return;
        }
        var succeeded = end.GetString("event") == "BLOCK_JOB_COMPLETED" && !((JsonObject)end["data"]).ContainsKey("error");
        var moved = HasMoved();
        Must.Hold(moved == (succeeded && isCompleting), $"{id}: guests move if and only if it succeeds");
        if (moved)
        {
            await MoveAsync();
        }
        else
        {
            await DropTargetAsync();
            if (succeeded && moment is not null && kind != "commit")
            {
                await JudgeCopyAsync(moment);
            }
        }
        (drive.HasJob, drive.Mirror) = (false, null);
    }

    /// <summary>The daemon is about to end, and its guests are gone: where they were is where the disk is.</summary>
    public void Freeze() => hadMoved = HasMoved();

    /// <summary>The daemon is gone: the disk is where its guests were.</summary>
    public void Settle()
    {
        if (hadMoved ?? HasMoved())
        {
            Round.Note($"{id}: the disk is {path} now");
            drive.MoveTo(path, format, lower, options, null);
        }
        drive.Mirror = null;
    }

    // Between the export and the disk's node stands the job's filter at most, as long as guests are there.
    private bool HasMoved()
    {
        var node = life.Context.Exports.Find(drive.Shadow.Name)?.Node;
        while (node is not null && node.Name != drive.Name)
        {
            node = node.FilteredChild?.Node;
            if (node is null)
            {
                return true;
            }
        }
        return false;
    }

    private async Task MoveAsync()
    {
        var (old, wasImplicit) = (drive.Name, drive.IsImplicit);
        var current = life.Context.Exports.Find(drive.Shadow.Name)!.Node.Name; // guests are still connected
        drive.MoveTo(path, format, lower, options, kind == "commit" || isByPath ? current : null);
        Assert.Equal(current, drive.Name);
        if (!wasImplicit)
        {
            life.RearmFaults();
            await life.MustAsync("blockdev-del", $"{{'node-name':'{old}'}}");
        }
    }

    private async Task PrepareAsync()
    {
        if (isMade)
        {
            return;
        }
        if (format == "raw")
        {
            Round.Machine.WriteFile(path, new byte[drive.Shadow.Count * Cells.Bytes]);
        }
        else
        {
            await using var graph = new BlockGraph(life.Engine, BuiltinDrivers.CreateRegistry());
            await Round.CreateImageAsync(graph, path, drive.Shadow.Count, kind == "top" ? drive.BasePath : null);
        }
        // A fault that waits for a job that was refused, or that is over, is not meant for this.
        life.RearmFaults();
        if (!isByPath)
        {
            await life.MustAsync("blockdev-add", options.ToJson());
        }
    }

    private async Task DropTargetAsync()
    {
        if (kind != "commit" && !isByPath)
        {
            life.RearmFaults();
            await life.MustAsync("blockdev-del", $"{{'node-name':'{Target}'}}");
        }
    }

    private async Task JudgeCopyAsync(Instant expected)
    {
        // A fault that the copy was over before is not meant for who looks at it.
        life.RearmFaults();
        var content = await BackupImage.RestoreAsync(life.Engine, path, format, id);
        for (var cell = 0; cell < content.Length; cell++)
        {
            Must.Hold(
                expected.Allows(cell, content[cell]),
                $"{id}: cell {cell} of the copy is {content[cell]}\n{drive.Shadow.StoryOf(cell)}"
            );
        }
    }

    private JsonObject Arguments()
    {
        var arguments = new JsonObject
        {
            ["device"] = drive.Name,
            ["job-id"] = id,
            ["auto-finalize"] = !Round.Chance(4),
            ["speed"] = Speed(),
        };
        if (kind == "commit")
        {
            arguments["on-error"] = Round.Pick("report", "ignore", "stop", "enospc");
            arguments["base"] = path;
            return arguments;
        }
        arguments["target"] = isByPath ? path : Target;
        if (isByPath)
        {
            (arguments["format"], arguments["node-name"]) = (format, Target);
            arguments["mode"] = isMade ? "absolute-paths" : "existing";
        }
        arguments["sync"] = kind;
        arguments["copy-mode"] = Round.Pick("background", "write-blocking");
        arguments["on-source-error"] = Round.Pick("report", "ignore", "stop", "enospc");
        arguments["on-target-error"] = Round.Pick("report", "ignore", "stop", "enospc");
        if (Round.Chance(2))
        {
            arguments["granularity"] = 512 << Round.Random.Next(8);
        }
        if (Round.Chance(3))
        {
            arguments["buf-size"] = 65536 << Round.Random.Next(5);
        }
        return arguments;
    }

    private int Speed() => Round.Chance(2) ? 0 : Round.Random.Next(1 << 22, 1 << 26);

    private void InjectFault()
    {
        var operations = Round.Pick(
            SimulatedOperation.Read,
            SimulatedOperation.Write,
            SimulatedOperation.Flush,
            SimulatedOperation.Changes
        );
        var where = Round.Chance(3) ? drive.Path : path;
        var status = Round.Chance(2) ? IoStatus.NoSpace : IoStatus.IoError;
        var (number, times) = (Round.Random.Next(1, Round.Pick(10, 100)), Round.Random.Next(1, 4));
        Round.Note($"fault: {operations} {number} of {where}, {times} times {status}");
        Round.Machine.Faults.Fail(operations, number, status, where, times);
    }
}
