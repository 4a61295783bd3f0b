using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Control.Machine;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Drivers;
using Tidemark.Io.Contract;
using Tidemark.Io.Simulated;

namespace Tidemark.Simulation.Tests;

/// <summary>
/// One migration, seen from its source. If all goes well the disks are the destination's, with bitmaps that are what they were; in
/// any other case one of the two goes on with the disks and nothing is missing (contract M1).
/// </summary>
internal sealed class Flight(Life life)
{
    private readonly FlightPlan plan = new(life.Round, life.HasMapping);
    private bool hasLooked;

    // Those of images below can't go, and keep the others here.
    private bool hasBitmapsBelow;

    // A name left behind in a shared image by a bitmap that went on under another one may be among them: no user of ours knows it.
    private bool hasInconsistentBitmaps;
    private Arrival arrival = null!; // FlyAsync sets it first of all.
    private SimulatedProcess process = null!; // FlyAsync sets it first of all.
    private Life destination = null!; // FlyAsync sets it first of all.
    private bool isOver;

    private Round Round => life.Round;

    /// <summary>Whether the source lets its disks go when all is well: no hurdle, and no fault that was there before.</summary>
    private bool MustSucceed =>
        plan.Hurdle == FlightHurdle.None
        && !life.HadFaults
        && Round.Machine.Faults.Fired == 0
        && life.AllowsInactive
        && !hasBitmapsBelow
        && !hasInconsistentBitmaps;

    /// <summary>Flies. Whether the disks have left.</summary>
    public async Task FlyAsync()
    {
        plan.Choose();
        hasBitmapsBelow = life.Graph.Nodes.Any(n =>
            n.Bitmaps.Any(static b => b.Name is not null) && !plan.Landings.Any(l => l.NodeHere == n.Name)
        );
        hasInconsistentBitmaps = life.Graph.Nodes.Any(static n => n.Bitmaps.Any(static b => b.IsInconsistent));
        if (!plan.IsShared)
        {
            await CreateImagesAsync();
        }
        arrival = new Arrival(life, plan)
        {
            MayLackBitmaps = plan.IsPostcopy && plan.Hurdle is FlightHurdle.BrokenLink or FlightHurdle.KilledSource,
        };
        destination = new Life(Round, arrival);
        life.Departure = destination;
        process = Round.Machine.Start(destination.PlayAsync);
        destination.Process = process;
        while (!arrival.IsReady)
        {
            Assert.False(process.IsDead);
            await PauseAsync(200);
        }
        await SendAsync();
        isOver = true;
        await ConcludeAsync();
    }

    private async Task SendAsync()
    {
        var link = new Link(Round, life.Engine, plan.NearEnd, plan.FarEnd)
        {
            BreaksAfter = plan.Hurdle == FlightHurdle.BrokenLink ? Round.Random.Next(Round.Pick(50, 500, 5000)) : null,
            Carrying = LookAsync,
        };
        await using var listener = await link.ListenAsync();
        var carrying = link.ServeAsync(listener);
        await life.MustAsync("migrate-set-capabilities", plan.Capabilities());
        await life.MustAsync(
            "migrate-set-parameters",
            plan.IsMapped ? plan.Mapping(atSource: true) : $"{{'downtime-limit':{Round.Pick(1, 300)}}}"
        );
        await life.MustAsync(
            "migrate-set-parameters",
            $"{{'max-bandwidth':{(plan.IsPostcopy ? 1 : Round.Pick(1, 1000, 1 << 20))}}}"
        );
        life.HasMapping |= plan.IsMapped;
        var busy = plan.Hurdle == FlightHurdle.BusyBitmap ? await HoldAsync() : null;
        SetFaults();
        var disturbing = DisturbAsync();
        if (await life.TryAsync("migrate", $"{{'uri':'unix:{plan.NearEnd}'}}") is null)
        {
            await AwaitEndAsync();
        }
        isOver = true;
        await disturbing;
        await listener.DisposeAsync();
        await carrying;
        arrival.IsHopeless = !link.WasUsed;
        if (busy is not null)
        {
            await ReleaseAsync(busy);
        }
    }

    private async Task ConcludeAsync()
    {
        // A destination that has heard of the end needs a while; one that has not must be told.
        for (var waited = 0; !arrival.IsRunning && !arrival.HasFailed && !process.IsDead; waited++)
        {
            Must.Hold(waited < 20_000, "the destination runs, or fails");
            await PauseAsync(500);
        }
        if (arrival.IsRunning)
        {
            Must.Hold(life.AllowsInactive, "who writes and can't wait keeps an image where it is");
            Must.Hold(
                plan.Obstacle is not { } obstacle || !plan.Landings.Any(l => l.Drive.Bitmaps.Contains(obstacle)),
                $"{plan.Hurdle} stands in the way"
            );
            while (life.Machine!.State == RunState.FinishMigrate) // who flies has one
            {
                await PauseAsync(500);
            }
            if (life.Machine.State != RunState.Postmigrate)
            {
                // It takes the migration for a failure and goes on, too. That must not be.
                Must.Hold(plan.Hurdle != FlightHurdle.None, "the source stops for good");
                Round.Note("the source is stopped by force");
                life.Kill();
                await PauseAsync(1);
            }
            return;
        }
        Must.Hold(!MustSucceed, "a migration without a hurdle succeeds");
        // It is closed before anybody else may have its disks.
        await process.WaitAsync();
        if (life.HasLeft)
        {
            // It was killed when the disks were its already.
            return;
        }
        life.Departure = null;
        life.RearmFaults();
        for (var tries = 0; life.Machine!.State != RunState.Running; tries++)
        {
            Must.Hold(tries < 2000, "the source goes on after all");
            life.RearmFaults();
            _ = await life.TryAsync("cont", "{}");
            await PauseAsync(5000);
        }
        while (life.BitmapCommands > 0)
        {
            await PauseAsync(500);
        }
        var mayBeInDoubt = process.IsDead || life.HadFaults || process.Engine.Changes > 0;
        foreach (var landing in plan.Landings)
        {
            Inspection.JudgeBitmaps(
                Round,
                landing.Drive,
                life.Graph.Require(landing.Drive.Name),
                mayBeInDoubt,
                "back at the source"
            );
        }
    }

    // Before the destination hears anything behind the moment at which the source let go.
    private async Task LookAsync()
    {
        if (hasLooked || life.Graph.Nodes.Any(static n => !n.IsInactive))
        {
            return;
        }
        hasLooked = true;
        foreach (var landing in plan.Landings)
        {
            var node = life.Graph.Require(landing.NodeHere);
            foreach (var passenger in landing.Passengers)
            {
                if (node.Bitmaps.Find(passenger.Bitmap.Name) is { IsInconsistent: false } bitmap)
                {
                    landing.Left[passenger.Bitmap] =
                    [
                        .. Enumerable
                            .Range(0, landing.Drive.Shadow.Count)
                            .Select(cell => bitmap.Content.Get((long)cell * Cells.Bytes)),
                    ];
                }
            }
            if (landing.IsOwn)
            {
                try
                {
                    await CopyAsync(landing);
                }
                catch (BlockException error) when (plan.Hurdle != FlightHurdle.None)
                {
                    // The source has taken it back already.
                    Round.Note($"{landing.Drive.Path} is not copied: {error.Message}");
                }
            }
        }
    }

    private async Task AwaitEndAsync()
    {
        for (var waited = 0; ; waited++)
        {
            Must.Hold(
                waited < 20_000,
                $"the migration comes to an end: {life.Machine!.State}, there {destination.Machine!.State}" // both have one
            );
            await PauseAsync(500);
            var info = await life.QueryAsync("query-migrate");
            var status = info.GetString("status");
            if (status is "completed" or "failed" or "cancelled")
            {
                Must.Hold(
                    status != "cancelled" || plan.Hurdle == FlightHurdle.Cancel,
                    "a migration is cancelled by who wants that"
                );
                return;
            }
            if (status == "pre-switchover" && (plan.Hurdle != FlightHurdle.Cancel || Round.Chance(20)))
            {
                _ = await life.TryAsync("migrate-continue", "{'state':'pre-switchover'}");
            }
            if (status == "active" && Round.Chance(40))
            {
                _ = plan.IsPostcopy
                    ? await life.TryAsync("migrate-start-postcopy", "{}")
                    : await life.TryAsync("migrate-set-parameters", "{'max-bandwidth':1000000000}");
            }
        }
    }

    private async Task DisturbAsync()
    {
        await PauseAsync(Round.Pick(1000, 10_000, 200_000));
        switch (plan.Hurdle)
        {
            case FlightHurdle.Cancel when !isOver:
                _ = await life.TryAsync("migrate_cancel", "{}");
                break;
            case FlightHurdle.KilledDestination:
                Round.Note("the destination is killed");
                process.Kill();
                break;
            case FlightHurdle.KilledSource:
                Round.Note("the source is killed");
                life.Kill();
                break;
        }
    }

    private Task PauseAsync(int mostMicroseconds) =>
        life
            .Engine.Loop.DelayAsync(TimeSpan.FromMicroseconds(Round.Random.Next(mostMicroseconds)), CancellationToken.None)
            .AsTask();

    private async Task CreateImagesAsync()
    {
        await using var graph = new BlockGraph(life.Engine, BuiltinDrivers.CreateRegistry());
        foreach (var landing in plan.Landings)
        {
            if (landing.Drive.Format == "raw")
            {
                Round.Machine.WriteFile(landing.Path, new byte[landing.Drive.Shadow.Count * Cells.Bytes]);
            }
            else
            {
                await Round.CreateImageAsync(graph, landing.Path, landing.Drive.Shadow.Count, null);
            }
        }
    }

    // Whoever moves a disk that is not shared sees to its data.
    private async Task CopyAsync(Landing landing)
    {
        life.RearmFaults();
        await using var graph = new BlockGraph(life.Engine, BuiltinDrivers.CreateRegistry());
        var from = await graph.OpenFilenameAsync(
            landing.Drive.Path,
            landing.Drive.Format,
            new JsonObject { ["read-only"] = true }
        );
        var to = await graph.OpenFilenameAsync(landing.Path, landing.Drive.Format, []);
        await using (var disk = BlockBackend.Create(to, BlockPermissions.Write, BlockPermissions.All))
        {
            var bytes = Cells.ToBytes(await BackupImage.ReadAllAsync(from, "what the source left"));
            Assert.Equal(IoStatus.Ok, await disk.WriteAsync(new(0, bytes.Length), bytes));
            Assert.Equal(IoStatus.Ok, await disk.FlushAsync());
        }
        await graph.ReleaseAsync(to);
        await graph.ReleaseAsync(from);
    }

    private void SetFaults()
    {
        if (plan.Hurdle != FlightHurdle.BadDisk)
        {
            return;
        }
        var landing = Round.Pick<Landing>([.. plan.Landings]);
        var operations = Round.Pick(SimulatedOperation.Read, SimulatedOperation.Write, SimulatedOperation.Flush);
        var (number, times) = (Round.Random.Next(1, 60), Round.Random.Next(1, 4));
        var path = Round.Chance(2) ? landing.Path : landing.Drive.Path;
        Round.Note($"fault: {operations} {number} of {path}, {times} times");
        Round.Machine.Faults.Fail(operations, number, IoStatus.IoError, path, times);
    }

    private async Task<string?> HoldAsync()
    {
        foreach (var landing in plan.Landings)
        {
            if (landing.Passengers.Find(static p => !p.Bitmap.IsInconsistent) is { } passenger)
            {
                var id = Round.NewName("holds");
                var refused = await life.TryAsync(
                    "block-export-add",
                    $"{{'type':'nbd','id':'{id}','node-name':'{landing.Drive.Name}','name':'{id}','writable':true,'bitmaps':['{passenger.Bitmap.Name}']}}"
                );
                plan.Obstacle = passenger.Bitmap;
                // An operator may have removed it in between.
                return refused is null ? id : null;
            }
        }
        plan.Hurdle = FlightHurdle.None;
        return null;
    }

    private async Task ReleaseAsync(string id)
    {
        await life.MustAsync("block-export-del", $"{{'id':'{id}','mode':'hard'}}");
        while (life.Context.Exports.Find(id) is not null)
        {
            await PauseAsync(50);
        }
    }
}
