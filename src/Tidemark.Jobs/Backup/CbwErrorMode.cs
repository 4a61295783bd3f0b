using Tidemark.Core.Schema;

namespace Tidemark.Jobs.Backup;

/// <summary>What gives way when a guest's write can't be preceded by saving its old data.</summary>
[Schema]
public enum CbwErrorMode
{
    /// <summary>The write fails; the backup goes on. What the reference does.</summary>
    BreakGuestWrite,

    /// <summary>The write goes ahead; the backup fails.</summary>
    BreakSnapshot,
}
