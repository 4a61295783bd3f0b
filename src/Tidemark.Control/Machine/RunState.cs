using Tidemark.Core.Schema;

namespace Tidemark.Control.Machine;

/// <summary>What a machine is doing (RunState); one without a guest passes through a few of them only.</summary>
[Schema(Name = "RunState")]
public enum RunState
{
    /// <summary>Stopped by a debugger.</summary>
    Debug,

    /// <summary>Waits for a migration to come, or to end.</summary>
    Inmigrate,

    /// <summary>Stopped by an error inside.</summary>
    InternalError,

    /// <summary>Stopped by an error of a disk.</summary>
    IoError,

    /// <summary>Stopped by command.</summary>
    Paused,

    /// <summary>Has migrated away.</summary>
    Postmigrate,

    /// <summary>Has not begun yet.</summary>
    Prelaunch,

    /// <summary>Stopped for the end of a migration.</summary>
    FinishMigrate,

    /// <summary>Loads a saved state.</summary>
    RestoreVm,

    /// <summary>Runs.</summary>
    Running,

    /// <summary>Saves its state.</summary>
    SaveVm,

    /// <summary>Has been shut down.</summary>
    Shutdown,

    /// <summary>Sleeps.</summary>
    Suspended,

    /// <summary>Stopped by its watchdog.</summary>
    Watchdog,

    /// <summary>The guest gave up.</summary>
    GuestPanicked,

    /// <summary>Follows another machine.</summary>
    Colo,
}
