using Tidemark.Core.Schema;

namespace Tidemark.Drivers.Qcow2.Create;

/// <summary>What is allocated ahead (PreallocMode).</summary>
[Schema]
internal enum Qcow2Preallocation
{
    /// <summary>Nothing.</summary>
    Off,

    /// <summary>The tables.</summary>
    Metadata,

    /// <summary>Space is reserved.</summary>
    Falloc,

    /// <summary>Space is written with zeroes.</summary>
    Full,
}
