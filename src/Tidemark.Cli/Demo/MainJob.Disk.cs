using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;

namespace Tidemark.Cli.Demo;

/// <content>The disk behind the daemon: created, served, filled, and served again after a restart.</content>
internal sealed partial class MainJob
{
    private const int FillBytes = 1 << 20;
    private const int FillDepth = 8;

    private async ValueTask ServeAsync(bool create)
    {
        daemon = await DaemonProcess.StartAsync(engine, daemonProgram, PathOf("qmp.sock"), NbdPath);
        if (create)
        {
            await CreateImageAsync(DiskPath, []);
        }

        _ = await daemon.ExecuteAsync("blockdev-add", Qcow2Node(Disk, DiskPath));
        _ = await daemon.ExecuteAsync(
            "block-export-add",
            new JsonObject
            {
                ["type"] = "nbd",
                ["id"] = "export",
                ["node-name"] = Disk,
                ["name"] = Disk,
                ["writable"] = true,
            }
        );
        if (create)
        {
            screen.Say($"a storage daemon (process {daemon.Id}) serves it as qcow2, by NBD and QMP");
        }
    }

    private static JsonObject Qcow2Node(string name, string path) =>
        new()
        {
            ["driver"] = "qcow2",
            ["node-name"] = name,
            ["file"] = new JsonObject { ["driver"] = "file", ["filename"] = path },
        };

    // As management software makes an image: the file, a node over it, the format in it.
    private async ValueTask CreateImageAsync(string path, JsonObject more)
    {
        File.Delete(path);
        await CreateAsync(
            new JsonObject
            {
                ["driver"] = "file",
                ["filename"] = path,
                ["size"] = 0,
            }
        );
        _ = await daemon!.ExecuteAsync(
            "blockdev-add",
            new JsonObject
            {
                ["driver"] = "file",
                ["node-name"] = "new",
                ["filename"] = path,
            }
        );
        var format = new JsonObject
        {
            ["driver"] = "qcow2",
            ["file"] = "new",
            ["size"] = options.SizeBytes,
        };
        foreach (var (name, value) in more)
        {
            format[name] = value;
        }

        await CreateAsync(format);
        _ = await daemon.ExecuteAsync("blockdev-del", new JsonObject { ["node-name"] = "new" });
    }

    private async ValueTask CreateAsync(JsonObject what)
    {
        _ = await daemon!.ExecuteAsync("blockdev-create", new JsonObject { ["job-id"] = "create", ["options"] = what });
        _ = await WaitForStatusAsync("create", "concluded");
        var jobs = (JsonArray)await daemon.ExecuteAsync("query-jobs", []);
        var error = jobs.OfType<JsonObject>().FirstOrDefault(job => job.GetString("id") == "create")?.GetString("error");
        _ = await daemon.ExecuteAsync("job-dismiss", new JsonObject { ["id"] = "create" });
        if (error is not null)
        {
            throw new BlockException(BlockErrorKind.Io, $"an image could not be created: {error}");
        }
    }

    private ValueTask<JsonObject> WaitForStatusAsync(string job, string status) =>
        daemon!.Qmp.WaitEventAsync(message =>
            message.GetString("event") == "JOB_STATUS_CHANGE"
            && message.TryGetValue("data", out var data)
            && data is JsonObject change
            && change.GetString("id") == job
            && change.GetString("status") == status
        );

    private async ValueTask FillAsync()
    {
        await using var client = await GuestLoad.ConnectAsync(engine, NbdPath, Disk);
        using var image = File.OpenHandle(truth.ImagePath);
        var buffers = Enumerable.Range(0, FillDepth).Select(_ => new byte[FillBytes]).ToList();
        var writes = new Task<IoStatus>[FillDepth];
        Array.Fill(writes, Task.FromResult(IoStatus.Ok));
        long copied = 0;
        for (long offset = 0; offset < options.SizeBytes; offset += FillBytes)
        {
            var slot = (int)(offset / FillBytes % FillDepth);
            Require(await writes[slot], "filling the disk");
            var count = RandomAccess.Read(image, buffers[slot], offset);
            if (buffers[slot].AsSpan(0, count).ContainsAnyExcept((byte)0))
            {
                writes[slot] = client.WriteAsync(offset, buffers[slot].AsMemory(0, count), fua: false).AsTask();
                copied += count;
            }

            screen.Count($"filling the disk: {100 * offset / options.SizeBytes} %");
        }

        foreach (var write in writes)
        {
            Require(await write, "filling the disk");
        }

        Require(await client.FlushAsync(), "filling the disk");
        screen.Say($"filled it by NBD with {DemoScreen.Size(copied)}");
    }

    private static void Require(IoStatus status, string what)
    {
        if (status != IoStatus.Ok)
        {
            throw new BlockException(status, what);
        }
    }

    /// <summary>The bitmap's dirty bytes; throws unless it is there, recording, persistent and consistent.</summary>
    private async ValueTask<long> DirtyBytesAsync()
    {
        var nodes = (JsonArray)await daemon!.ExecuteAsync("query-named-block-nodes", []);
        var node = nodes.OfType<JsonObject>().First(entry => entry.GetString("node-name") == Disk);
        var bitmap = node.TryGetValue("dirty-bitmaps", out var list)
            ? ((JsonArray)list).OfType<JsonObject>().FirstOrDefault(entry => entry.GetString("name") == Bitmap)
            : null;
        if (bitmap is null || bitmap.ContainsKey("inconsistent") || !Is(bitmap, "recording") || !Is(bitmap, "persistent"))
        {
            throw new BlockException(BlockErrorKind.Io, $"the bitmap is not as it was left: {bitmap?.ToJson() ?? "it is gone"}");
        }

        return bitmap["count"] is JsonNumber count && count.TryGetInt64(out var bytes) ? bytes : 0;

        static bool Is(JsonObject bitmap, string member) =>
            bitmap.TryGetValue(member, out var value) && value is JsonBool { Value: true };
    }

    private async ValueTask RestartAsync(List<ByteRange> changing)
    {
        await SettleFilesAsync();
        await guest.StopAsync();
        await gate.CloseAsync(); // what the kernel wants meanwhile waits
        var before = await DirtyBytesAsync();
        await (tap?.DisconnectAsync() ?? ValueTask.CompletedTask);
        await daemon!.QuitAsync();
        await daemon.DisposeAsync();
        daemon = null;
        if (await judges.ImageAsync(DiskPath) is { } objection)
        {
            throw new BlockException(BlockErrorKind.Io, objection);
        }

        await ServeAsync(create: false);
        var after = await DirtyBytesAsync();
        if (after != before)
        {
            throw new BlockException(
                BlockErrorKind.Io,
                $"the bitmap had {before} dirty bytes before the restart and has {after} after it"
            );
        }

        await (tap?.ConnectAsync(NbdPath) ?? ValueTask.CompletedTask);
        gate.Open();
        await ResumeFilesAsync();
        await guest.StartAsync(NbdPath, Disk, changing);
        screen.Say($"restarted the daemon: its bitmap is back from the image with {DemoScreen.Size(after)} dirty, as before");
    }
}
