using Tidemark.Control.Events;
using Tidemark.Control.Machine;
using Tidemark.Core.Errors;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Migration;

/// <summary>
/// The migrations of one machine: what is set for them, the one that leaves, the one that comes. On the graph's loop.
/// </summary>
public sealed class MigrationControl
{
    private readonly MigrationCapabilities capabilities = new();
    private OutgoingMigration? outgoing;
    private MigrationStatus refused = MigrationStatus.None;
    private string? refusal;

    internal MigrationControl(GuestlessMachine machine) => Machine = machine;

    /// <summary>Takes lines for people about what goes wrong in the background.</summary>
    public Action<string> Warn { get; set; } = static _ => { };

    /// <summary>An incoming migration failed and nothing can be done about it: the process is to end.</summary>
    public Action Fail { get; set; } = static () => { };

    internal GuestlessMachine Machine { get; }

    internal MigrationCapabilities Capabilities => capabilities;

    internal MigrationParameters Parameters { get; private set; } = new();

    internal IncomingMigration? Incoming { get; private set; }

    /// <summary>Whether a machine was started to wait for one, and none has been let in yet.</summary>
    internal bool MayStartIncoming { get; set; }

    /// <summary>Whether one is leaving.</summary>
    internal bool IsLeaving => outgoing is { HasEnded: false };

    /// <summary>
    /// -incoming: waits for a migration at <paramref name="uri"/>, or for the command that says where if that is "defer". Disks that
    /// are opened from now on belong to its source until it has come. Throws <see cref="BlockException"/>.
    /// </summary>
    public async ValueTask AwaitAsync(string uri)
    {
        MayStartIncoming = true;
        if (uri != "defer")
        {
            try
            {
                await StartIncomingAsync(uri, exitOnError: true, mayName: false);
            }
            catch (QmpException error)
            {
                throw new BlockException(BlockErrorKind.InvalidOptions, error.Message, error);
            }
        }
    }

    /// <summary>Ends what is under way, without a word; the process is about to end.</summary>
    public async ValueTask CloseAsync()
    {
        if (outgoing is not null)
        {
            Cancel();
            await outgoing.WaitAsync();
        }
        if (Incoming is not null)
        {
            await Incoming.CloseAsync();
        }
    }

    internal void SetCapabilities(IEnumerable<(MigrationCapability Capability, bool State)> changes)
    {
        RequireIdle();
        capabilities.Set(changes);
    }

    internal void SetParameters(MigrationParameterChanges changes)
    {
        Parameters = changes.ApplyTo(Parameters);
        outgoing?.Reconsider();
    }

    internal async ValueTask StartAsync(string text, bool resume)
    {
        RequireIdle();
        switch (Machine.State)
        {
            case RunState.Inmigrate:
                throw new QmpException("Guest is waiting for an incoming migration");
            case RunState.Postmigrate:
                throw new QmpException("Can't migrate the vm that was paused due to previous migration");
            case var _ when resume:
                throw new QmpException("Cannot resume if there is no paused migration");
        }
        capabilities.RequireFeasible();
        if (Parameters.TlsCreds.Length > 0)
        {
            throw new QmpException($"No TLS credentials with id '{Parameters.TlsCreds}'");
        }
        outgoing = null;
        (refused, refusal) = (MigrationStatus.Setup, null);
        Publish(MigrationStatus.Setup);
        try
        {
            var uri = MigrationUri.Parse(text) ?? throw new QmpException("Parameter 'uri' expects a valid migration protocol");
            var channel = uri is MigrationUri.Socket ? null : await uri.ConnectAsync(Machine.Context.Graph.Engine, default);
            outgoing = new OutgoingMigration(this, uri, channel);
            outgoing.Start();
        }
        catch (Exception error) when (error is QmpException or BlockException)
        {
            refused = MigrationStatus.Failed;
            refusal = error is BlockException ? error.Message : null;
            Publish(MigrationStatus.Failed);
            throw;
        }
    }

    internal void Cancel() => outgoing?.Cancel();

    internal void Continue(MigrationStatus expected)
    {
        var status = outgoing?.Status ?? refused;
        if (status != expected)
        {
            throw new QmpException($"Migration not in expected state: {status.ToWord()}");
        }
        if (status == MigrationStatus.PreSwitchover)
        {
            outgoing!.Continue(); // only one that is under way is in that state
        }
    }

    internal void StartPostcopy()
    {
        if (!capabilities.AllowPostcopy)
        {
            throw new QmpException("Enable postcopy with migrate_set_capability before the start of migration");
        }
        if (outgoing is null)
        {
            throw new QmpException("Postcopy must be started after migration has been started");
        }
        outgoing.StartPostcopy();
    }

    internal async ValueTask StartIncomingAsync(string text, bool exitOnError, bool mayName = true)
    {
        if (!MayStartIncoming)
        {
            throw new QmpException(
                Incoming is null
                    ? "'-incoming' was not specified on the command line"
                    : "The incoming migration has already been started"
            );
        }
        var starting = new IncomingMigration(this, exitOnError);
        // The one event that does not ask for the capability.
        MigrationEvents.PublishStatus(Machine.Context.Events, MigrationStatus.Setup);
        var uri = MigrationUri.Parse(text) ?? throw new QmpException($"unknown migration protocol: {text}");
        await starting.StartAsync(uri, mayName);
        Incoming = starting;
        MayStartIncoming = false;
    }

    internal MigrationInfo Describe()
    {
        var incoming = Incoming?.Describe() ?? new MigrationInfo();
        if (outgoing is not null)
        {
            return outgoing.Describe() with { SocketAddress = incoming.SocketAddress };
        }
        return refused == MigrationStatus.None ? incoming : incoming with { Status = refused, ErrorDesc = refusal };
    }

    internal void Publish(MigrationStatus status)
    {
        if (capabilities[MigrationCapability.Events])
        {
            MigrationEvents.PublishStatus(Machine.Context.Events, status);
        }
    }

    internal void PublishPass(long number)
    {
        if (capabilities[MigrationCapability.Events])
        {
            MigrationEvents.PublishPass(Machine.Context.Events, number);
        }
    }

    private void RequireIdle()
    {
        if (IsLeaving)
        {
            throw new QmpException("There's a migration process in progress");
        }
    }
}
