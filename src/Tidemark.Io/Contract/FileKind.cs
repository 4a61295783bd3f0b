namespace Tidemark.Io.Contract;

/// <summary>What a path turned out to be.</summary>
public enum FileKind
{
    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A block device.</summary>
    BlockDevice,

    /// <summary>A character device.</summary>
    CharacterDevice,

    /// <summary>A directory: opens for reading, holds no data.</summary>
    Directory,

    /// <summary>A pipe or socket.</summary>
    Other,
}
