using Tidemark.Core.Schema;
using Tidemark.Drivers.Qcow2.Metadata;

namespace Tidemark.Drivers.Qcow2.Options;

/// <summary>Which metadata is guarded against stray writes: a set by name, or kind by kind.</summary>
[Schema(Alternate = true)]
internal sealed partial record Qcow2OverlapChecks(Qcow2OverlapCheckFlags? Flags = null, Qcow2OverlapCheckMode? Mode = null)
{
    /// <summary>The kinds.</summary>
    public MetadataKinds ToKinds() => Flags?.ToKinds() ?? KindsOf(Mode ?? Qcow2OverlapCheckMode.Cached);

    /// <summary>The kinds that a name stands for.</summary>
    public static MetadataKinds KindsOf(Qcow2OverlapCheckMode mode) =>
        mode switch
        {
            Qcow2OverlapCheckMode.None => MetadataKinds.None,
            Qcow2OverlapCheckMode.Constant => MetadataKinds.Constant,
            Qcow2OverlapCheckMode.All => MetadataKinds.All,
            _ => MetadataKinds.Cached,
        };
}
