using Tidemark.Core.Schema;

namespace Tidemark.Jobs.Backup;

/// <summary>What becomes of a backup's bitmap at its end. In all cases writes since the start are in it. Contract J3.</summary>
[Schema]
public enum BitmapSyncMode
{
    /// <summary>Success empties it, failure leaves it.</summary>
    OnSuccess,

    /// <summary>It stays.</summary>
    Never,

    /// <summary>What was not copied stays, and nothing else.</summary>
    Always,
}
