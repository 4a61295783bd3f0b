using Tidemark.Core.Schema;

namespace Tidemark.Jobs.Mirror;

/// <summary>When what guests write gets to the target; QMP's MirrorCopyMode.</summary>
[Schema(Name = "MirrorCopyMode")]
public enum MirrorCopyMode
{
    /// <summary>Some time later: guests never wait for the target.</summary>
    Background,

    /// <summary>Before a guest's write is acknowledged, so that source and target can't drift apart.</summary>
    WriteBlocking,
}
