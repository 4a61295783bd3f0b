using Tidemark.Core.Schema;

namespace Tidemark.Cli.StorageDaemon;

/// <summary>What is spoken at a monitor.</summary>
[Schema]
internal enum MonitorMode
{
    /// <summary>Commands for people; only the reference's emulator has them.</summary>
    Readline,

    /// <summary>QMP.</summary>
    Control,
}
