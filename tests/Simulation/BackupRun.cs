using Tidemark.Block.Graph;
using Tidemark.Core.Json;
using Tidemark.Drivers;
using Tidemark.Io.Contract;
using Tidemark.Jobs;

namespace Tidemark.Simulation.Tests;

/// <summary>One backup job from the making of its target to the judging of what it restores to.</summary>
internal sealed partial class BackupRun
{
    private readonly Life life;
    private readonly string id;
    private readonly string format;
    private readonly string? backing;

    // A path, which the job opens and closes, or a node.
    private readonly bool isByPath;
    private readonly string compression;
    private Instant? moment;
    private TrackedBitmap? bitmap;
    private bool succeeded;

    public BackupRun(Life life, BackupPlan plan)
    {
        (this.life, Plan) = (life, plan);
        id = life.Round.NewName("job");
        TargetPath = $"/{id}.target";
        bitmap = plan.Bitmap;
        backing =
            plan.IsIncrement ? plan.Bitmap!.Tip!.Path // such a plan has both
            : plan.Sync == "top" ? plan.Drive.BasePath
            : null;
        isByPath = life.Round.Chance(5);
        // A job that opens its target puts what saves nothing but the past on top of the source.
        var needsBacking = backing is not null || (isByPath && plan.Sync == "none");
        format = !needsBacking && life.Round.Chance(4) ? "raw" : "qcow2";
        compression =
            format == "raw" ? "none"
            : isByPath ? life.Round.Pick("none", "none", "job")
            : life.Round.Pick("none", "none", "none", "job", "filter");
    }

    /// <summary>What is to be done.</summary>
    public BackupPlan Plan { get; }

    /// <summary>The image.</summary>
    public string TargetPath { get; }

    /// <summary>What the transaction does: the job last.</summary>
    public IEnumerable<(string Type, string Data)> Actions
    {
        get
        {
            var drive = Plan.Drive.Name;
            if (Plan.Before == "add")
            {
                var persistent = Plan.Drive.CanStore && Round.Chance(2);
                bitmap = new TrackedBitmap(Round.NewName("b"), persistent, recording: true, Plan.Drive.Shadow.TakeInstant());
                yield return (
                    "block-dirty-bitmap-add",
                    $"{{'node':'{drive}','name':'{bitmap.Name}','persistent':{(persistent ? "true" : "false")}}}"
                );
            }
            else if (Plan.Before == "clear")
            {
                yield return ("block-dirty-bitmap-clear", $"{{'node':'{drive}','name':'{bitmap!.Name}'}}"); // such a plan has one
            }
            yield return (isByPath ? "drive-backup" : "blockdev-backup", Arguments());
        }
    }

    /// <summary>The job's point in time, once there is a job.</summary>
    public Instant Moment => moment!; // who asks has started it

    private Round Round => life.Round;

    private ShadowDisk Shadow => Plan.Drive.Shadow;

    /// <summary>Makes the target and its node.</summary>
    public async Task PrepareAsync()
    {
        if (format == "raw")
        {
            Round.Machine.WriteFile(TargetPath, new byte[Shadow.Count * Cells.Bytes]);
        }
        else
        {
            await using var graph = new BlockGraph(life.Engine, BuiltinDrivers.CreateRegistry());
            await Round.CreateImageAsync(
                graph,
                TargetPath,
                Shadow.Count,
                backing,
                Plan.IsIncrement ? Plan.Bitmap!.Tip!.Format : "qcow2"
            ); // an increment has a tip
        }
        if (!isByPath)
        {
            var file = $"{{'driver':'file','filename':'{TargetPath}'}}";
            var node =
                compression == "filter"
                    ? $"'driver':'compress','file':{{'driver':'{format}','file':{file}}}"
                    : $"'driver':'{format}','file':{file}";
            await life.MustAsync("blockdev-add", $"{{{node},'node-name':'{id}-target'}}");
        }
        MarkBitmap(true);
        life.WhenCreated(id, () => moment = Shadow.TakeInstant());
    }

    /// <summary>The command was refused: as if it had never been given.</summary>
    public async Task ForgetAsync()
    {
        Plan.Drive.HasJob = false;
        MarkBitmap(false);
        await CloseTargetAsync();
    }

    /// <summary>The command was accepted: what its other actions did is so, whatever becomes of the job.</summary>
    public void Begin()
    {
        Assert.NotNull(moment);
        if (Plan.Before is not null && bitmap is not null)
        {
            (bitmap.Anchor, bitmap.Tip, bitmap.IsTrusted) = (moment, null, bitmap.IsRecording);
        }
        MarkBitmap(true);
        if (Plan.Before == "add")
        {
            Plan.Drive.Bitmaps.Add(bitmap!); // Actions made it
        }
    }

    /// <summary>Follows the job to its end, gets in its way, and judges it.</summary>
    public async Task WatchAsync(BackupRun? partner)
    {
        life.Unfinished.Add(this);
        var ending = life.WaitEndAsync(id);
        var disturbing = DisturbAsync();
        var end = await ending;
        await disturbing;
        succeeded = end.GetString("event") == "BLOCK_JOB_COMPLETED" && !((JsonObject)end["data"]).ContainsKey("error");
        if (life.IsEnding)
        {
            return;
        }
        await life.UntilAsync(() => life.Context.Jobs.Find(id) is null);
        if (partner is not null && partner != this)
        {
            await life.UntilAsync(() => life.Context.Jobs.Find(partner.id) is null);
        }
        if (life.IsEnding)
        {
            return;
        }
        await CloseTargetAsync();
        _ = life.Unfinished.Remove(this);
        await JudgeAsync(life.Engine);
        Must.Hold(
            partner is null || life.IsEnding || partner.IsOver != true || partner.succeeded == succeeded,
            "a group succeeds or fails as one"
        );
        Plan.Drive.HasJob = false;
    }

    /// <summary>Whether it has been judged.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Restores what it left, compares, and draws the conclusions for its bitmap (contract J2, J3). Its target is closed.</summary>
    public async Task JudgeAsync(IoEngine engine)
    {
        IsOver = true;
        var what = $"{id}, {Plan.Sync} {Plan.Mode} of {Plan.Drive.Name}, {(succeeded ? "succeeded" : "failed")}";
        var content = await BackupImage.RestoreAsync(engine, TargetPath, format, what);
        if (bitmap is { WasChanged: true })
        {
            (bitmap.IsTrusted, bitmap.Tip, bitmap) = (false, null, null);
        }
        MarkBitmap(false);
        var image = new BackupImage(TargetPath, format) { Content = content };
        if (Plan.Sync == "none")
        {
            // It ends by being cancelled, and from then on guests overwrite what it had no time to save.
            return;
        }
        if (succeeded)
        {
            moment!.MustBe(content, what, Shadow.StoryOf); // set by Begin
            Round.Backups.Add(image);
        }
        var emptied = succeeded ? Plan.Mode != "never" : Plan.Mode == "always";
        if (bitmap is not null && Plan.Drive.Bitmaps.Contains(bitmap) && (Plan.Before is not null ? succeeded : emptied))
        {
            // From here on it has what differs from this image, and an increment goes on top of it.
            (bitmap.Anchor, bitmap.Tip) = (Instant.Exactly(content), image);
            bitmap.IsTrusted = bitmap.IsRecording && (Plan.Before is null || bitmap.IsTrusted);
        }
        if (
            bitmap is { IsTrusted: true }
            && life.Graph.FindNode(Plan.Drive.Name)?.Bitmaps.Find(bitmap.Name) is { IsBusy: false } now
            && life.BitmapCommands == 0
        )
        {
            Shadow.MustBeMarked(bitmap.Anchor, now, what);
        }
    }

    private async Task CloseTargetAsync()
    {
        life.RearmFaults();
        if (!isByPath)
        {
            await life.MustAsync("blockdev-del", $"{{'node-name':'{id}-target'}}");
        }
    }

    private void MarkBitmap(bool inJob)
    {
        if (bitmap is not null)
        {
            (bitmap.IsInJob, bitmap.WasChanged) = (inJob, false);
        }
    }

    private string Arguments()
    {
        var arguments = new JsonObject
        {
            ["device"] = Plan.Drive.Name,
            ["target"] = isByPath ? TargetPath : $"{id}-target",
            ["sync"] = Plan.Sync,
            ["job-id"] = id,
            ["on-source-error"] = Round.Pick("report", "ignore", "stop", "enospc"),
            // Packed clusters that a request left that failed halfway can't be packed again: trying again is in vain.
            ["on-target-error"] = compression == "filter" ? "report" : Round.Pick("report", "ignore", "stop", "enospc"),
            ["auto-finalize"] = !Round.Chance(4),
            ["speed"] = Round.Chance(3) ? Round.Random.Next(1, 1 << 24) : 0,
            ["on-cbw-error"] = Round.Chance(5) ? "break-guest-write" : "break-snapshot",
            ["x-perf"] = new JsonObject { ["max-workers"] = Round.Random.Next(1, 9), ["use-copy-range"] = Round.Chance(2) },
        };
        if (isByPath)
        {
            (arguments["format"], arguments["mode"]) = (format, "existing");
        }
        if (compression == "job")
        {
            arguments["compress"] = true;
        }
        if (Plan is { Bitmap: { } named, Before: null })
        {
            arguments["bitmap"] = named.Name;
            if (Plan.Mode is not null)
            {
                arguments["bitmap-mode"] = Plan.Mode;
            }
        }
        return arguments.ToJson();
    }
}
