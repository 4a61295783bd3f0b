using Tidemark.Control.Machine;
using Tidemark.Core.Json;
using Tidemark.Io.Contract;
using Tidemark.Io.Simulated;

namespace Tidemark.Simulation.Tests;

/// <content>A daemon with a machine, which migrations leave and come to.</content>
internal sealed partial class Life
{
    /// <summary>Where its disks are served.</summary>
    public SocketAddress.Unix NbdAddress { get; } = new($"/{round.NewName("nbd")}.sock");

    /// <summary>Whether it has a machine, as qemu-system-x86_64 has, or is a storage daemon.</summary>
    public bool HasMachine { get; } = arrival is not null || round.Chance(2);

    /// <summary>The machine.</summary>
    public GuestlessMachine? Machine { get; private set; }

    /// <summary>Its process.</summary>
    public SimulatedProcess? Process { get; set; }

    /// <summary>How often it has changed a file.</summary>
    public long Changes => ((SimulatedEngine)Engine).Changes;

    /// <summary>How it came by its disks, if by a migration.</summary>
    public Arrival? Arrival => arrival;

    /// <summary>Whether it was killed.</summary>
    public bool IsDead => Process is { IsDead: true };

    /// <summary>The machine that a migration from here goes to, or has gone to.</summary>
    public Life? Departure { get; set; }

    /// <summary>Whether its disks are another machine's.</summary>
    public bool HasLeft { get; private set; }

    /// <summary>Whether names were mapped for a migration, which can't be undone.</summary>
    public bool HasMapping { get; set; }

    /// <summary>The life that has the disks: this, or one that they went to from here.</summary>
    public Life Last => HasLeft && Departure is { } next ? next.Last : this;

    // A destination that nothing has come to has nothing of its own, either.
    private bool IsElsewhere => HasLeft || arrival is { IsRunning: false };

    /// <summary>Whether requests are sent to the disk at this moment; a device sends none while its machine stands still.</summary>
    public bool Serves(SimulatedDrive drive, bool isDevice) =>
        !HasLeft
        && (arrival is null || arrival.Take())
        && Graph.FindNode(drive.Name) is not { IsInactive: true }
        && (!isDevice || Machine is null or { IsRunning: true });

    /// <summary>The disks are another's from now on.</summary>
    public void Leave() => HasLeft = true;

    /// <summary>SIGKILL.</summary>
    public void Kill() => Process!.Kill(); // nobody kills it before it has begun

    /// <summary>Runs a query, which must succeed and give an object.</summary>
    public async Task<JsonObject> QueryAsync(string command) => (JsonObject)await client!.ExecuteAsync(command); // connected before anyone asks

    private async Task<bool> ComeAsync(Arrival coming)
    {
        Machine!.AwaitMigration(); // a destination has one
        await Machine.Migration.AwaitAsync("defer");
        await coming.OpenAsync(this);
        AllowsInactive = !round.Chance(3);
        if (AllowsInactive)
        {
            // Whoever connects before the disks are here waits for them.
            await InviteGuestsAsync(coming.NodeOf);
        }
        await coming.ListenAsync();
        if (!await coming.ComeAsync())
        {
            return false;
        }
        HadFaults |= coming.Source.HadFaults;
        mayCrash = round.Chance(3);
        RearmFaults();
        if (!AllowsInactive)
        {
            await InviteGuestsAsync(coming.NodeOf);
        }
        await coming.JudgeAsync();
        return true;
    }

    private async Task EndWithoutDisksAsync(Task session)
    {
        foreach (var guest in guests)
        {
            await guest.DisposeAsync();
        }
        await MustAsync("quit", "{}");
        await CloseAsync(session);
        if (HasLeft && Machine is { State: RunState.Postmigrate })
        {
            Must.Hold(Changes == Departure!.Arrival!.SourceChanges, "a source that has let its disks go writes nothing more");
        }
    }

    private async Task CloseAsync(Task session)
    {
        await client!.DisposeAsync(); // connected long ago
        await session;
        if (Machine is not null)
        {
            await Machine.Migration.CloseAsync();
        }
        await Context.ShutDownAsync();
        await Graph.DisposeAsync();
        Assert.Empty(Graph.Nodes);
    }
}
