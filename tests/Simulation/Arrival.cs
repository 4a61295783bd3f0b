using Tidemark.Bitmaps;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Control.Machine;
using Tidemark.Core.Json;

namespace Tidemark.Simulation.Tests;

/// <summary>The destination of a migration, until it has the disks and their bitmaps, or has failed.</summary>
internal sealed class Arrival(Life source, FlightPlan plan)
{
    private readonly Dictionary<SimulatedDrive, IReadOnlySet<int>> touched = [];
    private readonly List<(SimulatedDrive Drive, ShadowRequest Request)> stranded = [];
    private Life life = null!; // PrepareAsync sets it before anything else is called.
    private bool hasTaken;
    private bool hadToTryAgain;

    /// <summary>The machine that the disks come from.</summary>
    public Life Source => source;

    private GuestlessMachine Machine => life.Machine!; // a destination has one

    /// <summary>Whether it waits for the source.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Whether it runs, with the disks.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>Whether it has failed.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>How often the source had changed files when the disks were taken.</summary>
    public long SourceChanges { get; private set; }

    /// <summary>Whether the way was broken, so that bitmaps that follow the machine may not have come.</summary>
    public bool MayLackBitmaps { get; set; }

    /// <summary>Whether the source will not come any more.</summary>
    public bool IsHopeless { get; set; }

    /// <summary>The name of a disk's node here.</summary>
    public string NodeOf(SimulatedDrive drive) => plan.Landings.First(l => l.Drive == drive).NodeThere;

    /// <summary>Opens the disks.</summary>
    public async Task OpenAsync(Life here)
    {
        life = here;
        foreach (var landing in plan.Landings)
        {
            await life.MustAsync("blockdev-add", landing.Options.ToJson());
        }
        Assert.True(life.Graph.HasInactiveNodes);
    }

    /// <summary>Waits for the source.</summary>
    public async Task ListenAsync()
    {
        await life.MustAsync("migrate-set-capabilities", plan.Capabilities());
        if (plan.IsMapped)
        {
            await life.MustAsync("migrate-set-parameters", plan.Mapping(atSource: false));
            life.HasMapping = true;
        }
        if (plan.Hurdle == FlightHurdle.TakenName)
        {
            TakeName();
        }
        var stays = life.Round.Chance(2) ? ",'exit-on-error':false" : "";
        await life.MustAsync("migrate-incoming", $"{{'uri':'unix:{plan.FarEnd}'{stays}}}");
        IsReady = true;
    }

    /// <summary>Waits for the end of it; whether the machine runs.</summary>
    public async Task<bool> ComeAsync()
    {
        while (true)
        {
            await life.Engine.Loop.DelayAsync(TimeSpan.FromMicroseconds(life.Round.Random.Next(500)), CancellationToken.None);
            var status = (await life.QueryAsync("query-migrate")).GetString("status");
            if (status == "failed" || (status is null && (IsHopeless || source.IsDead)))
            {
                Assert.NotEqual(RunState.Running, Machine.State);
                HasFailed = true;
                return false;
            }
            if (status is "completed" or "postcopy-active" && Machine.State != RunState.Inmigrate)
            {
                break;
            }
        }
        return await RunAsync();
    }

    /// <summary>Every disk is this machine's from here on, and may be written to.</summary>
    public bool Take()
    {
        if (hasTaken)
        {
            return true;
        }
        if (
            plan.Landings.Any(l => life.Graph.Require(l.NodeThere).IsInactive)
            // Locks do not keep two from writing who share with everybody, nor who have images of their own: their users do.
            || (!source.IsDead && plan.Landings.Any(l => source.Graph.Require(l.Drive.Name) is { IsInactive: false }))
        )
        {
            return false;
        }
        hasTaken = true;
        SourceChanges = source.Changes;
        source.Leave();
        life.Round.Note($"{life.Engine.Loop.Time.GetUtcNow():ss.ffffff} the disks are taken over");
        foreach (var landing in plan.Landings)
        {
            var shadow = landing.Drive.Shadow;
            stranded.AddRange(shadow.UnderWay.Select(request => (landing.Drive, request)));
            touched[landing.Drive] = shadow.CollectTouched();
            shadow.ReleaseAll();
            landing.Drive.ComeTo(landing.Path, landing.IsOwn ? [] : landing.Drive.LowerPaths, landing.Options);
        }
        return true;
    }

    /// <summary>Judges what has come, while guests may be at work already.</summary>
    public async Task JudgeAsync()
    {
        foreach (var (drive, request) in stranded)
        {
            var bytes = new byte[request.Count * Cells.Bytes];
            await using var reader = BlockBackend.Create(
                life.Graph.Require(drive.Name),
                BlockPermissions.ConsistentRead,
                BlockPermissions.All
            );
            Assert.Equal(Core.Errors.IoStatus.Ok, await reader.ReadAsync(Cells.RangeOf(request.First, request.Count), bytes));
            drive.Shadow.Settle(request, Cells.Read(bytes, "what a guest did at last at the source"));
        }
        while (
            (!source.IsDead && (source.BitmapCommands > 0 || source.Machine is not { State: RunState.Postmigrate }))
            || (await life.QueryAsync("query-migrate")).GetString("status") != "completed"
        )
        {
            await life.Engine.Loop.DelayAsync(TimeSpan.FromMicroseconds(life.Round.Random.Next(500)), CancellationToken.None);
        }
        plan.Landings.ToList().ForEach(JudgeBitmaps);
    }

    private async Task<bool> RunAsync()
    {
        for (var tries = 0; Machine.State != RunState.Running; tries++)
        {
            // It came, but could not get the disks. Faults pass; a source that was told to go on at the last moment keeps them.
            if (!source.HasLeft && source is { IsDead: false, Machine.IsRunning: true })
            {
                Must.Hold(plan.Hurdle != FlightHurdle.None, "the disks are left to the destination");
                HasFailed = true;
                return false;
            }
            Must.Hold(tries < 20, "the destination runs at last");
            hadToTryAgain = true;
            life.RearmFaults();
            _ = await life.TryAsync("cont", "{}");
            await life.Engine.Loop.DelayAsync(TimeSpan.FromMilliseconds(1), CancellationToken.None);
        }
        if (!Take())
        {
            Must.Hold(plan.Hurdle != FlightHurdle.None, "the disks are left to the destination");
            HasFailed = true;
            return false;
        }
        IsRunning = true;
        return true;
    }

    private void JudgeBitmaps(Landing landing)
    {
        var (drive, node) = (landing.Drive, life.Graph.Require(landing.NodeThere));
        foreach (var tracked in drive.Bitmaps.ToList())
        {
            var passenger = landing.Passengers.Find(p => p.Bitmap == tracked);
            var name = passenger?.NameThere ?? tracked.Name;
            var found = node.Bitmaps.Find(name);
            var isLeftOver = found is { IsInconsistent: true } && !tracked.IsPersistent && drive.Strays.Contains(name);
            if (found is null || isLeftOver)
            {
                var stays = passenger is null && (!tracked.IsPersistent || landing.IsOwn);
                Must.Hold(stays || MayLackBitmaps, $"bitmap '{tracked.Name}' has come");
                _ = drive.Bitmaps.Remove(tracked);
                _ = drive.Strays.Add(tracked.Name);
                continue;
            }
            // What was added at the last moment may come along where nothing is chosen by name.
            Must.Hold(
                passenger is not null || tracked.IsPersistent || plan is { TakesBitmaps: true, IsMapped: false },
                $"bitmap '{tracked.Name}' has not come"
            );
            if (found.IsInconsistent)
            {
                // Taking an image over begins with a mark on its bitmaps; who fails then finds it when he tries again.
                var isMarked = hadToTryAgain && passenger is null;
                Must.Hold(tracked.IsInconsistent || MayLackBitmaps || isMarked, $"'{name}' has come whole");
                (tracked.IsInconsistent, tracked.IsTrusted, tracked.Name) = (true, false, name);
                continue;
            }
            if (tracked.IsPersistent && !landing.IsOwn)
            {
                // In the image it keeps its old name until somebody stores it by that name, or removes it.
                _ = drive.Strays.Add(tracked.Name);
            }
            (tracked.Name, tracked.IsPersistent) = (name, passenger?.IsPersistentThere ?? tracked.IsPersistent);
            Must.Hold(!found.IsBusy, $"'{name}' is free");
            Must.Hold(found.IsPersistent == tracked.IsPersistent, $"'{name}' is stored: {tracked.IsPersistent}");
            Must.Hold(found.IsRecording == tracked.IsRecording, $"'{name}' records: {tracked.IsRecording}");
            if (tracked.IsTrusted)
            {
                drive.Shadow.MustBeMarked(tracked.Anchor, found, "at the destination");
            }
            if (landing.Left.TryGetValue(tracked, out var left))
            {
                Compare(drive, found, left);
            }
        }
        Inspection.MustBeKnown(landing.Drive, node, "at the destination");
    }

    // What the source had, and what was written here since.
    private void Compare(SimulatedDrive drive, DirtyBitmap found, bool[] left)
    {
        var mayBeMore = new HashSet<long>(touched[drive].Select(cell => cell * Cells.Bytes / found.Granularity));
        for (var cell = 0; cell < left.Length; cell++)
        {
            var offset = (long)cell * Cells.Bytes;
            var isDirty = found.Content.Get(offset);
            Must.Hold(
                isDirty == left[cell] || (isDirty && (mayBeMore.Contains(offset / found.Granularity))),
                $"'{found.Name}': cell {cell} was {left[cell]} at the source\n{drive.Shadow.StoryOf(cell)}"
            );
        }
    }

    private void TakeName()
    {
        foreach (var landing in plan.Landings)
        {
            if (landing.Passengers is [var first, ..])
            {
                var name = first.NameThere;
                _ = life.Graph.Require(landing.NodeThere).Bitmaps.Add(name, 4096, persistent: false, recording: false);
                _ = landing.Drive.Strays.Add(name);
                plan.Obstacle = first.Bitmap;
                return;
            }
        }
        plan.Hurdle = FlightHurdle.None;
    }
}
