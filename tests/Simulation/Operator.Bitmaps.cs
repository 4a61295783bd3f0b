namespace Tidemark.Simulation.Tests;

/// <content>Commands that act upon bitmaps alone.</content>
internal sealed partial class Operator
{
    private static readonly string[] Verbs = ["remove", "clear", "enable", "disable"];

    private async Task AddAsync(SimulatedDrive drive)
    {
        var name = Round.NewName("b");
        var (persistent, disabled) = (drive.CanStore && Round.Chance(2), Round.Chance(5));
        var tracked = await InWindowAsync(
            drive,
            "block-dirty-bitmap-add",
            $"{{'node':'{drive.Name}','name':'{name}','persistent':{Word(persistent)},'disabled':{Word(disabled)}{Granularity()}}}",
            moment => new TrackedBitmap(name, persistent, !disabled, moment)
        );
        if (HasMovedOn(drive, name))
        {
            return;
        }
        if (tracked is not null)
        {
            drive.Bitmaps.Add(tracked);
        }
        Assert.Equal(tracked is not null, Has(drive, name));
    }

    private async Task ChangeAsync(SimulatedDrive drive, TrackedBitmap tracked)
    {
        var verb = Round.Pick(Verbs);
        tracked.IsStored &= verb != "remove";
        var wasBusy = IsBusy(drive, tracked);
        var refused =
            await InWindowAsync(
                drive,
                $"block-dirty-bitmap-{verb}",
                $"{{'node':'{drive.Name}','name':'{tracked.Name}'}}",
                moment =>
                {
                    Apply(drive, tracked, verb, moment);
                    return tracked;
                }
            )
            is null;
        if (HasMovedOn(drive, tracked.Name))
        {
            return;
        }
        Must.Hold(refused || !wasBusy || !IsBusy(drive, tracked), $"'{verb}' of a bitmap that a job has is refused");
        tracked.WasChanged |= !refused && tracked.IsInJob;
        Must.Hold(refused || !tracked.IsInconsistent || verb == "remove", $"'{verb}' of an inconsistent bitmap is refused");
        // Removing takes it out of the image first: where that fails it may be gone from there and stays here.
        Assert.Equal(refused || verb != "remove", Has(drive, tracked.Name));
    }

    private static void Apply(SimulatedDrive drive, TrackedBitmap tracked, string verb, Instant moment)
    {
        switch (verb)
        {
            case "remove":
                _ = drive.Bitmaps.Remove(tracked);
                break;
            case "clear":
                (tracked.Anchor, tracked.Tip, tracked.IsTrusted) = (moment, null, tracked.IsRecording);
                break;
            default:
                // A gap in what it recorded: no increment by it any more.
                tracked.IsTrusted &= verb == "enable" && tracked.IsRecording;
                tracked.IsRecording = verb == "enable";
                break;
        }
    }

    /// <summary>A bitmap takes over another's bits: as it is, or as a new one that goes on in its stead from the same moment.</summary>
    private async Task MergeAsync(SimulatedDrive drive, TrackedBitmap source)
    {
        if (Round.Chance(2))
        {
            var target = Pick(drive) ?? source;
            var refused = await life.TryAsync(
                "block-dirty-bitmap-merge",
                $"{{'node':'{drive.Name}','target':'{target.Name}','bitmaps':['{source.Name}']}}"
            );
            Assert.True(refused is not null || !(target.IsInconsistent || source.IsInconsistent));
            _ = HasMovedOn(drive, target.Name);
            return;
        }
        var name = Round.NewName("b");
        var trusted = source is { IsTrusted: true, IsRecording: true, IsInconsistent: false, IsInJob: false };
        var (anchor, tip) = (source.Anchor, source.Tip);
        if (
            await life.TryAsync(
                "transaction",
                $"{{'actions':[{{'type':'block-dirty-bitmap-add','data':{{'node':'{drive.Name}','name':'{name}'{Granularity()}}}}},"
                    + $"{{'type':'block-dirty-bitmap-merge','data':{{'node':'{drive.Name}','target':'{name}','bitmaps':['{source.Name}']}}}}]}}"
            )
            is null
        )
        {
            if (HasMovedOn(drive, name))
            {
                return;
            }
            drive.Bitmaps.Add(
                new TrackedBitmap(name, persistent: false, recording: true, anchor)
                {
                    IsTrusted = trusted,
                    Tip = trusted ? tip : null,
                }
            );
        }
        else
        {
            Assert.False(Has(drive, name));
        }
    }

    /// <summary>A transaction that fails at its end: nothing of it may be left (contract T4).</summary>
    private async Task FailAsync(SimulatedDrive drive, TrackedBitmap victim)
    {
        var name = Round.NewName("b");
        var other = Pick(drive) ?? victim;
        string Of(TrackedBitmap bitmap) => $"{{'node':'{drive.Name}','name':'{bitmap.Name}'}}";
        string[] actions =
        [
            $"{{'type':'block-dirty-bitmap-clear','data':{Of(victim)}}}",
            $"{{'type':'block-dirty-bitmap-add','data':{{'node':'{drive.Name}','name':'{name}'}}}}",
            $"{{'type':'block-dirty-bitmap-merge','data':{{'node':'{drive.Name}','target':'{other.Name}','bitmaps':['{victim.Name}']}}}}",
            $"{{'type':'block-dirty-bitmap-disable','data':{Of(other)}}}",
            $"{{'type':'block-dirty-bitmap-remove','data':{Of(victim)}}}",
            $"{{'type':'blockdev-snapshot-internal-sync','data':{{'device':'{drive.Name}','name':'{name}'}}}}",
        ];
        var chosen = actions.Where(_ => Round.Chance(2)).Append("{'type':'abort','data':{}}");
        drive.IsTakingSnapshot = true; // one may be among them
        Assert.NotNull(await life.TryAsync("transaction", $"{{'actions':[{string.Join(',', chosen)}]}}"));
        drive.IsTakingSnapshot = MayFail;
        if (HasMovedOn(drive, name))
        {
            return;
        }
        Assert.False(Has(drive, name));
        CheckBitmaps(drive);
    }

    // A command whose answer comes when the disk is elsewhere says nothing of the bitmap there.
    private bool HasMovedOn(SimulatedDrive drive, string bitmap)
    {
        if (!isFlying || (!life.HasLeft && life.Serves(drive, isDevice: false)))
        {
            return false;
        }
        _ = drive.Bitmaps.RemoveAll(b => b.Name == bitmap);
        _ = drive.Strays.Add(bitmap);
        return true;
    }

    /// <summary>Runs a command whose moment lies between its sending and its reply; null when it was refused.</summary>
    private async Task<TrackedBitmap?> InWindowAsync(
        SimulatedDrive drive,
        string command,
        string arguments,
        Func<Instant, TrackedBitmap> done
    )
    {
        var window = drive.Shadow.OpenWindow();
        try
        {
            return await life.TryAsync(command, arguments) is null ? done(window) : null;
        }
        finally
        {
            drive.Shadow.CloseWindow(window);
        }
    }

    private bool Has(SimulatedDrive drive, string name) => life.Graph.Require(drive.Name).Bitmaps.Find(name) is not null;

    private bool IsBusy(SimulatedDrive drive, TrackedBitmap tracked) =>
        life.Graph.Require(drive.Name).Bitmaps.Find(tracked.Name) is { IsBusy: true };

    private string Granularity() => Round.Chance(3) ? "" : $",'granularity':{512 << Round.Random.Next(8)}";

    private static string Word(bool value) => value ? "true" : "false";
}
