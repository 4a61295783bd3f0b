namespace Tidemark.Drivers.Qcow2.Metadata;

/// <summary>The kinds of metadata that a write must not hit by mistake; option overlap-check says which are looked for.</summary>
[Flags]
internal enum MetadataKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The first cluster.</summary>
    MainHeader = 1,

    /// <summary>The L1 table in use.</summary>
    ActiveL1 = 2,

    /// <summary>An L2 table in use.</summary>
    ActiveL2 = 4,

    /// <summary>A refcount block.</summary>
    RefcountBlock = 8,

    /// <summary>The refcount table.</summary>
    RefcountTable = 16,

    /// <summary>The snapshot table.</summary>
    SnapshotTable = 32,

    /// <summary>The L1 table of a snapshot.</summary>
    InactiveL1 = 64,

    /// <summary>An L2 table of a snapshot.</summary>
    InactiveL2 = 128,

    /// <summary>The bitmap directory.</summary>
    BitmapDirectory = 256,

    /// <summary>What is at a fixed place.</summary>
    Constant = MainHeader | ActiveL1 | RefcountTable | SnapshotTable | BitmapDirectory,

    /// <summary>What is known without reading; the default.</summary>
    Cached = Constant | ActiveL2 | RefcountBlock | InactiveL1,

    /// <summary>Everything.</summary>
    All = Cached | InactiveL2,
}
