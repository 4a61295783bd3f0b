namespace Tidemark.Block.Contract;

/// <summary>What a child is to its parent.</summary>
[Flags]
public enum ChildRole
{
    /// <summary>Holds the guest's data.</summary>
    Data = 1,

    /// <summary>Holds the format's metadata.</summary>
    Metadata = 2,

    /// <summary>The parent is a filter over it: same offsets, same data.</summary>
    Filtered = 4,

    /// <summary>A backing file: read where the parent has nothing.</summary>
    Cow = 8,

    /// <summary>The child that gives the parent its file name and storage.</summary>
    Primary = 16,

    /// <summary>The only child of an image format: data and metadata.</summary>
    Image = Data | Metadata | Primary,
}
