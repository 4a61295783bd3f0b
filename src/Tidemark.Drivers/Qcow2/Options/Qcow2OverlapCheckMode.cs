using Tidemark.Core.Schema;

namespace Tidemark.Drivers.Qcow2.Options;

/// <summary>A set of metadata kinds by name.</summary>
[Schema]
internal enum Qcow2OverlapCheckMode
{
    /// <summary>Nothing is guarded.</summary>
    None,

    /// <summary>What is at a fixed place.</summary>
    Constant,

    /// <summary>What is known without reading.</summary>
    Cached,

    /// <summary>Everything.</summary>
    All,
}
