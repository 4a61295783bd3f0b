using Tidemark.Core.Schema;

namespace Tidemark.Control.Migration;

/// <summary>Where a migration is (MigrationStatus).</summary>
[Schema(Name = "MigrationStatus")]
public enum MigrationStatus
{
    /// <summary>There was none.</summary>
    None,

    /// <summary>It begins: a peer is awaited or called.</summary>
    Setup,

    /// <summary>It is being cancelled.</summary>
    Cancelling,

    /// <summary>It was cancelled.</summary>
    Cancelled,

    /// <summary>It is under way.</summary>
    Active,

    /// <summary>The destination runs; what is left of the bitmaps follows.</summary>
    PostcopyActive,

    /// <summary>A broken postcopy phase waits. Never seen here.</summary>
    PostcopyPaused,

    /// <summary>A broken postcopy phase is mended. Never seen here.</summary>
    PostcopyRecover,

    /// <summary>All has arrived.</summary>
    Completed,

    /// <summary>It failed; the source goes on.</summary>
    Failed,

    /// <summary>The destination follows the source. Never seen here.</summary>
    Colo,

    /// <summary>The source has stopped and waits for leave to hand over.</summary>
    PreSwitchover,

    /// <summary>The last of the state is on its way.</summary>
    Device,

    /// <summary>Waits for a device to be unplugged. Never seen here.</summary>
    WaitUnplug,
}
