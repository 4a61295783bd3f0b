namespace Tidemark.Drivers.Qcow2.Metadata;

/// <summary>The names of metadata kinds as messages give them.</summary>
internal static class MetadataKindsText
{
    /// <summary>The name of the first kind in the set.</summary>
    public static string Describe(this MetadataKinds kinds) =>
        (MetadataKinds)((int)kinds & -(int)kinds) switch
        {
            MetadataKinds.MainHeader => "qcow2_header",
            MetadataKinds.ActiveL1 => "active L1 table",
            MetadataKinds.ActiveL2 => "active L2 table",
            MetadataKinds.RefcountBlock => "refcount block",
            MetadataKinds.RefcountTable => "refcount table",
            MetadataKinds.SnapshotTable => "snapshot table",
            MetadataKinds.InactiveL1 => "inactive L1 table",
            MetadataKinds.InactiveL2 => "inactive L2 table",
            _ => "bitmap directory",
        };
}
