using Tidemark.Core.Schema;
using Tidemark.Drivers.Qcow2.Metadata;

namespace Tidemark.Drivers.Qcow2.Options;

/// <summary>A set of metadata kinds, and single ones put in or out.</summary>
[Schema]
internal sealed partial record Qcow2OverlapCheckFlags(
    Qcow2OverlapCheckMode? Template = null,
    bool? MainHeader = null,
    bool? ActiveL1 = null,
    bool? ActiveL2 = null,
    bool? RefcountTable = null,
    bool? RefcountBlock = null,
    bool? SnapshotTable = null,
    bool? InactiveL1 = null,
    bool? InactiveL2 = null,
    bool? BitmapDirectory = null
)
{
    /// <summary>The kinds.</summary>
    public MetadataKinds ToKinds()
    {
        var kinds = Qcow2OverlapChecks.KindsOf(Template ?? Qcow2OverlapCheckMode.Cached);
        kinds = With(kinds, MetadataKinds.MainHeader, MainHeader);
        kinds = With(kinds, MetadataKinds.ActiveL1, ActiveL1);
        kinds = With(kinds, MetadataKinds.ActiveL2, ActiveL2);
        kinds = With(kinds, MetadataKinds.RefcountTable, RefcountTable);
        kinds = With(kinds, MetadataKinds.RefcountBlock, RefcountBlock);
        kinds = With(kinds, MetadataKinds.SnapshotTable, SnapshotTable);
        kinds = With(kinds, MetadataKinds.InactiveL1, InactiveL1);
        kinds = With(kinds, MetadataKinds.InactiveL2, InactiveL2);
        return With(kinds, MetadataKinds.BitmapDirectory, BitmapDirectory);
    }

    private static MetadataKinds With(MetadataKinds kinds, MetadataKinds one, bool? wanted) =>
        wanted switch
        {
            true => kinds | one,
            false => kinds & ~one,
            null => kinds,
        };
}
