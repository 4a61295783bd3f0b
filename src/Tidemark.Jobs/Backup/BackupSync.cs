using Tidemark.Core.Schema;

namespace Tidemark.Jobs.Backup;

/// <summary>What a backup copies; QMP's MirrorSyncMode. Contract J1.</summary>
[Schema]
public enum BackupSync
{
    /// <summary>What the top image has, without its backing files.</summary>
    Top,

    /// <summary>Everything.</summary>
    Full,

    /// <summary>Only the old data of what guests write, until it is cancelled.</summary>
    None,

    /// <summary>What a bitmap says, and the bitmap starts anew on success.</summary>
    Incremental,

    /// <summary>What a bitmap says; what becomes of the bitmap is said apart.</summary>
    Bitmap,
}
