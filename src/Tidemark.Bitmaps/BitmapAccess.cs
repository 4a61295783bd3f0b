namespace Tidemark.Bitmaps;

/// <summary>What an operation needs a bitmap to be, for <see cref="DirtyBitmap.Check"/>. Contract B6.</summary>
[Flags]
public enum BitmapAccess
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>No job, export or migration holds it.</summary>
    NotBusy = 1,

    /// <summary>The image that stores it may be written.</summary>
    Writable = 2,

    /// <summary>Its content can be relied upon.</summary>
    Consistent = 4,

    /// <summary>Merging from it, enabling, disabling, exporting, copying: what a read-only image allows too.</summary>
    Read = NotBusy | Consistent,

    /// <summary>Clearing it, merging into it, backing up with it.</summary>
    Modify = NotBusy | Writable | Consistent,

    /// <summary>Removing it, which is the cure for an inconsistent one.</summary>
    Remove = NotBusy | Writable,
}
