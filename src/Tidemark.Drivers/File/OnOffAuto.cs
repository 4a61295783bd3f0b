using Tidemark.Core.Schema;

namespace Tidemark.Drivers.File;

/// <summary>Yes, no, or where it can be had.</summary>
[Schema]
internal enum OnOffAuto
{
    /// <summary>Where it can be had.</summary>
    Auto,

    /// <summary>Yes.</summary>
    On,

    /// <summary>No.</summary>
    Off,
}
