namespace Tidemark.Block.Graph;

/// <summary>What commands do to a node that somebody else's use of it may forbid.</summary>
public enum BlockOperation
{
    /// <summary>Deleting it.</summary>
    Delete,

    /// <summary>Taking it out of a drive.</summary>
    Eject,

    /// <summary>Changing its size.</summary>
    Resize,

    /// <summary>Making it a backup's source.</summary>
    BackupSource,

    /// <summary>Making it a backup's target.</summary>
    BackupTarget,

    /// <summary>Making it a mirror's source.</summary>
    MirrorSource,

    /// <summary>Making it a mirror's target.</summary>
    MirrorTarget,

    /// <summary>Putting a mirror's target in its place.</summary>
    Replace,

    /// <summary>Changing what its image says of its backing file.</summary>
    Change,

    /// <summary>Making it part of a stream.</summary>
    Stream,

    /// <summary>Making it part of a commit.</summary>
    Commit,

    /// <summary>Putting an overlay above it.</summary>
    ExternalSnapshot,

    /// <summary>Taking a snapshot within its image.</summary>
    InternalSnapshot,

    /// <summary>Letting go of a snapshot within its image.</summary>
    InternalSnapshotDelete,
}
