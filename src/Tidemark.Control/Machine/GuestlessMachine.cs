using Tidemark.Control.Devices;
using Tidemark.Control.Events;
using Tidemark.Control.Migration;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Machine;

/// <summary>
/// A machine without a guest, for management software to drive: it has disks, a name, a run state that commands and migrations
/// change, and nothing that runs. Belongs to the graph's loop.
/// </summary>
public sealed class GuestlessMachine
{
    /// <summary>A machine over <paramref name="context"/>, which has not begun; it becomes the context's machine.</summary>
    public GuestlessMachine(ControlContext context)
    {
        Context = context;
        Migration = new MigrationControl(this);
        Devices = new DeviceTree(this);
        Media = new DriveMedia(this);
        Requests = new GuestRequests(this);
        context.Machine = this;
    }

    /// <summary>Its disks and all around them.</summary>
    public ControlContext Context { get; }

    /// <summary>Migrations to and from it.</summary>
    public MigrationControl Migration { get; }

    /// <summary>Its buses, devices and drives.</summary>
    public DeviceTree Devices { get; }

    /// <summary>Media going in and out of its drives.</summary>
    internal DriveMedia Media { get; }

    /// <summary>What a guest would ask of the devices.</summary>
    internal GuestRequests Requests { get; }

    /// <summary>What it is built from.</summary>
    internal MachineType Build { get; private set; } = MachineType.None;

    /// <summary>Full name of its type.</summary>
    public string Type => Build.Name;

    /// <summary>Name that its user gave, or null.</summary>
    public string? Name { get; set; }

    /// <summary>Its UUID; all zero when none was given.</summary>
    public Guid Uuid { get; set; }

    /// <summary>What it is doing.</summary>
    public RunState State { get; private set; } = RunState.Prelaunch;

    /// <summary>Whether it runs.</summary>
    public bool IsRunning => State == RunState.Running;

    /// <summary>Whether it is to run as soon as it can: at the start, or when a migration has come. Off by -S and "stop".</summary>
    public bool StartsByItself { get; set; } = true;

    /// <summary>Makes it a machine of <paramref name="type"/>, with the buses of that; once, before it has devices.</summary>
    internal void BuildAs(MachineType type)
    {
        Build = type;
        Devices.Build(type);
    }

    /// <summary>Waits for a migration: disks that are opened belong to its source until then.</summary>
    public void AwaitMigration()
    {
        State = RunState.Inmigrate;
        Context.Graph.OpensInactive = true;
    }

    /// <summary>The command "cont". Throws <see cref="QmpException"/> or <see cref="Core.Errors.BlockException"/>.</summary>
    public async ValueTask ContinueAsync()
    {
        switch (State)
        {
            case RunState.Inmigrate:
                StartsByItself = true;
                return;
            case RunState.FinishMigrate:
                throw new QmpException("Migration is not finalized yet");
            default:
                // After a migration the images may be another's: this takes them back, or fails.
                await Context.Graph.ActivateAllAsync();
                Run();
                break;
        }
    }

    /// <summary>The command "stop".</summary>
    public void Stop()
    {
        if (State == RunState.Inmigrate)
        {
            StartsByItself = false;
        }
        else if (IsRunning)
        {
            Halt(RunState.Paused);
        }
    }

    /// <summary>Runs, if it does not.</summary>
    public void Run()
    {
        if (!IsRunning)
        {
            State = RunState.Running;
            MachineEvents.PublishResume(Context.Events);
            Requests.Resume();
            Devices.LetGo();
        }
    }

    /// <summary>Lets go of its disks; jobs and exports have ended.</summary>
    public ValueTask CloseAsync() => Devices.CloseAsync();

    /// <summary>Is in <paramref name="state"/>, not running, from now on.</summary>
    public void Halt(RunState state)
    {
        var ran = IsRunning;
        State = state;
        if (ran)
        {
            MachineEvents.PublishStop(Context.Events);
        }
    }
}
