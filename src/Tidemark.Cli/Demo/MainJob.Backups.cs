using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Cli.Demo;

/// <content>The backups. For the instant of each the guest holds its breath; while the job runs it writes on.</content>
internal sealed partial class MainJob
{
    private const string Target = "target";
    private const string Job = "backup";
    private const long SmallMediumBytes = 2 << 20;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private string LastImage => points[^1].ImagePath;

    // Bitmap added and backup started at one instant: what the backup has not, the bitmap has.
    private async ValueTask AnchorAsync()
    {
        var path = PathOf("full.qcow2");
        await CreateImageAsync(path, []);
        _ = await daemon!.ExecuteAsync("blockdev-add", Qcow2Node(Target, path));
        var backup = new JsonObject
        {
            ["job-id"] = Job,
            ["device"] = Disk,
            ["target"] = Target,
            ["sync"] = "full",
        };
        var bitmap = new JsonObject
        {
            ["node"] = Disk,
            ["name"] = Bitmap,
            ["persistent"] = true,
            ["granularity"] = GranuleBytes,
        };
        var actions = new JsonArray([
            new JsonObject { ["type"] = "block-dirty-bitmap-add", ["data"] = bitmap },
            new JsonObject { ["type"] = "blockdev-backup", ["data"] = backup },
        ]);
        var outcome = await RunJobAsync("transaction", new JsonObject { ["actions"] = actions }, "full backup");
        await KeepAsync(outcome, "full", "anchor: bitmap and backup in one transaction", path);
    }

    private async ValueTask IncrementAsync(string remark)
    {
        var path = PathOf($"increment-{points.Count}.qcow2");
        await CreateImageAsync(path, new JsonObject { ["backing-file"] = LastImage, ["backing-fmt"] = "qcow2" });
        _ = await daemon!.ExecuteAsync("blockdev-add", Qcow2Node(Target, path));
        var outcome = await RunJobAsync("blockdev-backup", IncrementalBackup(), $"increment {points.Count}");
        await KeepAsync(outcome, "increment", remark, path);
    }

    private static JsonObject IncrementalBackup() =>
        new()
        {
            ["job-id"] = Job,
            ["device"] = Disk,
            ["target"] = Target,
            ["sync"] = "incremental",
            ["bitmap"] = Bitmap,
        };

    // The image lies on a medium of a few MiB. The job fails; nothing that it was to copy is forgotten.
    private async ValueTask FailForLackOfSpaceAsync()
    {
        var path = PathOf("increment-failed.qcow2");
        await CreateImageAsync(path, new JsonObject { ["backing-file"] = LastImage, ["backing-fmt"] = "qcow2" });
        await using (var file = new FileStream(path, FileMode.Open))
        {
            file.SetLength(SmallMediumBytes);
        }

        var medium = new JsonObject
        {
            ["driver"] = "raw",
            ["size"] = SmallMediumBytes,
            ["file"] = new JsonObject { ["driver"] = "file", ["filename"] = path },
        };
        _ = await daemon!.ExecuteAsync(
            "blockdev-add",
            new JsonObject
            {
                ["driver"] = "qcow2",
                ["node-name"] = Target,
                ["file"] = medium,
            }
        );
        var before = await DirtyBytesAsync();
        var outcome = await RunJobAsync("blockdev-backup", IncrementalBackup(), "increment that will not fit");
        var after = await DirtyBytesAsync();
        if (outcome.Error is null || after < before)
        {
            throw new BlockException(
                BlockErrorKind.Io,
                $"a backup to a full medium ended with '{outcome.Error ?? "success"}', dirty bytes {before} before and {after} after"
            );
        }

        _ = await daemon.ExecuteAsync("blockdev-del", new JsonObject { ["node-name"] = Target });
        File.Delete(path);
        var repeats = guest.Repeats > 0 ? $"; writes of the guest refused meanwhile, and repeated: {guest.Repeats}" : "";
        screen.Say(
            $"an increment to a medium of {DemoScreen.Size(SmallMediumBytes)} failed ({outcome.Error}); the bitmap lost nothing: {DemoScreen.Size(after)} dirty{repeats}"
        );
    }

    private async ValueTask KeepAsync(JobOutcome outcome, string kind, string remark, string path)
    {
        if (outcome.Error is { } error)
        {
            throw new BlockException(BlockErrorKind.Io, $"the backup failed: {error}");
        }

        _ = await daemon!.ExecuteAsync("blockdev-del", new JsonObject { ["node-name"] = Target });
        var point = new PointInTime(
            points.Count + 1,
            kind,
            remark,
            path,
            outcome.Instant,
            outcome.Mark,
            outcome.Bytes,
            outcome.Duration,
            outcome.Writes
        );
        points.Add(point);
        screen.Say(
            $"point {point.Number}: {kind} backup, {DemoScreen.Size(point.BytesCopied)} in {DemoScreen.Seconds(point.Duration)} s, {point.WritesMeanwhile} writes meanwhile"
                + (remark.Length > 0 ? $" ({remark})" : "")
        );
    }

    private async ValueTask<JobOutcome> RunJobAsync(string command, JsonObject arguments, string name)
    {
        await SettleFilesAsync();
        await gate.CloseAsync();
        guest.IsBusy = true;
        var (mark, instant, writes) = (truth.Mark(), screen.Elapsed, truth.Count);
        try
        {
            _ = await daemon!.ExecuteAsync(command, arguments);
        }
        finally
        {
            gate.Open();
        }

        await ResumeFilesAsync();
        var ended = WaitForEndAsync();
        while (!ended.IsCompleted)
        {
            if (await ProgressAsync() is { } percent)
            {
                screen.Count($"{name}: {percent} %");
            }

            _ = await Task.WhenAny(ended, engine.Loop.DelayAsync(Look, CancellationToken.None).AsTask());
        }

        var data = await ended;
        guest.IsBusy = false;
        var duration = screen.Elapsed - instant;
        _ = await WaitForStatusAsync(Job, "null");
        _ = ((JsonNumber)data["offset"]).TryGetInt64(out var bytes);
        return new JobOutcome(mark, instant, duration, bytes, truth.Count - writes, data.GetString("error"));
    }

    private async Task<JsonObject> WaitForEndAsync()
    {
        var message = await daemon!.Qmp.WaitEventAsync(message =>
            message.GetString("event") == "BLOCK_JOB_COMPLETED"
            && message["data"] is JsonObject data
            && data.GetString("device") == Job
        );
        return (JsonObject)message["data"];
    }

    private async ValueTask<long?> ProgressAsync()
    {
        var jobs = (JsonArray)await daemon!.ExecuteAsync("query-block-jobs", []);
        var job = jobs.OfType<JsonObject>().FirstOrDefault(entry => entry.GetString("device") == Job);
        return
            job?["len"] is JsonNumber whole
            && whole.TryGetInt64(out var length)
            && length > 0
            && job["offset"] is JsonNumber part
            && part.TryGetInt64(out var offset)
            ? 100 * offset / length
            : null;
    }

    /// <summary>How a job went: its instant, what it copied, what the guest wrote meanwhile, its error if it failed.</summary>
    private readonly record struct JobOutcome(
        long Mark,
        TimeSpan Instant,
        TimeSpan Duration,
        long Bytes,
        int Writes,
        string? Error
    );
}
