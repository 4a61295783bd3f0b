using Tidemark.Block.Graph;
using Tidemark.Core.Json;
using Tidemark.Drivers;

namespace Tidemark.Simulation.Tests;

/// <summary>
/// One external snapshot, with a bitmap that records from the same moment on: the disk goes on in an overlay, and the image below
/// never changes again. A transaction that fails leaves nothing of it.
/// </summary>
internal sealed class OverlayRun
{
    private readonly Life life;
    private readonly SimulatedDrive drive;
    private readonly JsonObject options;

    // The command makes the image and its node, or finds both.
    private readonly bool isMade;

    public OverlayRun(Life life, SimulatedDrive drive)
    {
        (this.life, this.drive) = (life, drive);
        options = life.Round.NodeOptions(life.Round.NewName("disk"), "qcow2");
        isMade = life.Round.Chance(2);
        if (isMade)
        {
            // What the command opens has the options that it likes; whoever comes later may have others.
            _ = options.Remove("l2-cache-entry-size");
            _ = options.Remove("l2-cache-size");
        }
    }

    private Round Round => life.Round;

    private string Overlay => options.GetString("node-name")!; // all our options have one

    /// <summary>Takes it.</summary>
    public async Task RunAsync(Func<bool> mayFail)
    {
        if (!isMade)
        {
            await PrepareAsync();
        }
        var bitmap = Round.NewName("b");
        var (persistent, aborts) = (Round.Chance(2), Round.Chance(4));
        var window = drive.Shadow.OpenWindow();
        drive.Overlay = this;
        var refused = await life.TryAsync(
            "transaction",
            $"{{'actions':[{string.Join(',', Actions(bitmap, persistent, aborts))}]}}"
        );
        drive.Overlay = null;
        drive.Shadow.CloseWindow(window);
        Must.Hold(refused is not null || !aborts, "a transaction with an abort fails");
        Must.Hold(refused is null || aborts || mayFail(), $"a snapshot is taken: {refused}");
        if (refused is null)
        {
            Move(isMade ? Overlay : null);
            drive.Bitmaps.Add(new TrackedBitmap(bitmap, persistent, recording: true, window));
            return;
        }
        Must.Hold(!IsAbove(), "a snapshot that failed has left nothing");
        if (!isMade)
        {
            await life.MustAsync("blockdev-del", $"{{'node-name':'{Overlay}'}}");
        }
    }

    /// <summary>The daemon is gone while it was taken: the disk is where its guests were.</summary>
    public void Settle()
    {
        if (IsAbove())
        {
            Round.Note($"the disk goes on in {Overlay}");
            Move(null);
        }
        drive.Overlay = null;
    }

    private IEnumerable<string> Actions(string bitmap, bool persistent, bool aborts)
    {
        if (drive.Bitmaps.Find(static b => b is { IsInJob: false, IsInconsistent: false }) is { } old && Round.Chance(2))
        {
            // It belongs to the image below from then on.
            yield return $"{{'type':'block-dirty-bitmap-disable','data':{{'node':'{drive.Name}','name':'{old.Name}'}}}}";
        }
        yield return isMade
            ? $"{{'type':'blockdev-snapshot-sync','data':{{'node-name':'{drive.Name}','snapshot-file':'/{Overlay}','snapshot-node-name':'{Overlay}'}}}}"
            : $"{{'type':'blockdev-snapshot','data':{{'node':'{drive.Name}','overlay':'{Overlay}'}}}}";
        yield return $"{{'type':'block-dirty-bitmap-add','data':{{'node':'{Overlay}','name':'{bitmap}','persistent':{(persistent ? "true" : "false")}}}}}";
        if (aborts)
        {
            yield return "{'type':'abort','data':{}}";
        }
    }

    private async Task PrepareAsync()
    {
        await using (var graph = new BlockGraph(life.Engine, BuiltinDrivers.CreateRegistry()))
        {
            await Round.CreateImageAsync(graph, $"/{Overlay}", drive.Shadow.Count, drive.Path);
        }
        life.RearmFaults();
        var alone = options.DeepClone();
        alone["backing"] = JsonNull.Instance;
        await life.MustAsync("blockdev-add", alone.ToJson());
    }

    private void Move(string? node)
    {
        foreach (var left in drive.Bitmaps)
        {
            // They stay with the image below, and are there again when that is committed to.
            _ = drive.Strays.Add(left.Name);
        }
        drive.MayHaveOldFlagsBelow |= drive.MayHaveOldFlags || drive.IsTakingSnapshot;
        drive.MoveTo($"/{Overlay}", "qcow2", [drive.Path, .. drive.LowerPaths], options, node);
    }

    private bool IsAbove()
    {
        var node = life.Context.Exports.Find(drive.Shadow.Name)?.Node;
        while (node is not null && node.Name != Overlay)
        {
            node = node.FilteredChild?.Node;
        }
        return node is not null;
    }
}
