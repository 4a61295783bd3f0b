using Tidemark.Core.Schema;

namespace Tidemark.Jobs.Mirror;

/// <summary>What a mirror copies to begin with; QMP's MirrorSyncMode.</summary>
[Schema(Name = "MirrorSyncMode")]
public enum MirrorSync
{
    /// <summary>What the source's top image has.</summary>
    Top,

    /// <summary>Everything.</summary>
    Full,

    /// <summary>Nothing: only what is written from now on.</summary>
    None,

    /// <summary>Not for mirrors.</summary>
    Incremental,

    /// <summary>Not for mirrors.</summary>
    Bitmap,
}
