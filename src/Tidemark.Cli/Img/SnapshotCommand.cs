using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Core.Errors;

namespace Tidemark.Cli.Img;

/// <summary>qemu-img snapshot: lists, takes, applies and deletes internal snapshots.</summary>
internal sealed class SnapshotCommand : IImgCommand
{
    private static readonly string[] Actions = ["l", "c", "a", "d"];

    public string Name => "snapshot";

    public string Usage =>
        "[--object objectdef] [--image-opts] [-U] [-q] [-l | -a snapshot | -c snapshot | -d snapshot] filename";

    public string Summary => "list, take, apply and delete snapshots within an image";

    public OptionParser Options =>
        OptionParser.Of("h|help", "l", "c=", "a=", "d=", "object=", "image-opts", "q|quiet", "U|force-share");

    public async Task<int> RunAsync(ImgContext context, ParsedOptions options)
    {
        var asked = options.InOrder.Select(static o => o.Key).Where(Actions.Contains).ToList();
        if (asked.Count > 1)
        {
            throw new UsageException("Cannot mix '-l', '-a', '-c', '-d'");
        }
        if (options.Operands.Count != 1)
        {
            throw new UsageException("Expecting one image file name");
        }
        ObjectOptions.Accept(options);
        var action = asked.FirstOrDefault();
        var how = new ImgOpen
        {
            Writable = action is not (null or "l"),
            ForceShare = options.Has("force-share"),
            ImageOptions = options.Has("image-opts"),
            Unmap = true,
        };
        var node = await context.OpenAsync(options.Operands[0], null, how);
        try
        {
            await ActAsync(context, node, action, action is null ? "" : options.Get(action) ?? "");
        }
        finally
        {
            await context.Graph.ReleaseAsync(node);
        }
        return 0;
    }

    private static ValueTask ActAsync(ImgContext context, BlockNode node, string? action, string name)
    {
        switch (action)
        {
            case "l":
                SnapshotText.Print(context.Out, (node.Driver as ISnapshotDriver)?.Snapshots ?? []);
                return default;
            case "c":
                return CreateAsync(node, name);
            case "a":
                return ApplyAsync(node, name);
            case "d":
                return DeleteAsync(node, name);
            default:
                return default;
        }
    }

    private static async ValueTask CreateAsync(BlockNode node, string name)
    {
        var driver = node.Driver as ISnapshotDriver;
        var status = IoStatus.NotSupported;
        if (driver is not null)
        {
            var time = node.Graph.Loop.Time.GetUtcNow() - DateTimeOffset.UnixEpoch;
            var wanted = new SnapshotInfo("", name)
            {
                DateSeconds = (long)time.TotalSeconds,
                DateNanoseconds = (int)(time.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick),
                InstructionCount = 0,
            };
            status = await TryAsync(async () => _ = await driver.CreateSnapshotAsync(wanted));
        }
        if (status != IoStatus.Ok)
        {
            throw new CommandException($"Could not create snapshot '{name}': {-(int)status} ({status.Describe()})");
        }
    }

    private static async ValueTask ApplyAsync(BlockNode node, string name)
    {
        var why = "Block driver does not support snapshots";
        if (node.Driver is ISnapshotDriver driver)
        {
            why = $"Failed to load snapshot: {IoStatus.NotFound.Describe()}";
            if (node.Bitmaps.Count > 0)
            {
                why = "Device has active dirty bitmaps";
            }
            else if (SnapshotInfo.FindAny(driver.Snapshots, name) is { } found)
            {
                var status = await TryAsync(() => driver.ApplySnapshotAsync(found));
                if (status == IoStatus.Ok)
                {
                    return;
                }
                why = $"Failed to load snapshot: {status.Describe()}";
            }
        }
        throw new CommandException($"Could not apply snapshot '{name}': {why}");
    }

    // By name only, and the first of that name, as the reference does.
    private static async ValueTask DeleteAsync(BlockNode node, string name)
    {
        if (node.Driver is not ISnapshotDriver driver || SnapshotInfo.Find(driver.Snapshots, null, name) is not { } found)
        {
            throw new CommandException($"Could not delete snapshot '{name}': snapshot not found");
        }
        try
        {
            await driver.DeleteSnapshotAsync(found);
        }
        catch (BlockException error)
        {
            throw new CommandException($"Could not delete snapshot '{name}': {error.Message}");
        }
    }

    private static async ValueTask<IoStatus> TryAsync(Func<ValueTask> change)
    {
        try
        {
            await change();
            return IoStatus.Ok;
        }
        catch (BlockException error)
        {
            return error.Status;
        }
    }
}
