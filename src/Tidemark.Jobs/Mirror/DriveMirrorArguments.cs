using Tidemark.Block.Create;
using Tidemark.Core.Schema;

namespace Tidemark.Jobs.Mirror;

/// <summary>Arguments of drive-mirror: those of blockdev-mirror, but the target is a file.</summary>
/// <param name="Device">The source: a device or a node that only such use.</param>
/// <param name="Target">Name of the target's file.</param>
/// <param name="Sync">What to copy to begin with.</param>
/// <param name="Format">The target's format; by default the source's, or whatever an existing file is found to be.</param>
/// <param name="NodeName">Name of the target's node; needed where it replaces another node than the source.</param>
/// <param name="Mode">Whether the file is made or is there already.</param>
/// <param name="JobId">As blockdev-mirror's, like those that follow.</param>
/// <param name="Replaces">The node whose place the target takes when the job completes; the source by default.</param>
/// <param name="Speed">Limit in bytes per second, 0 for none.</param>
/// <param name="Granularity">What one bit of the job's bitmap stands for, bytes.</param>
/// <param name="BufSize">Bytes that may be under way at once; 0 for the engine's choice.</param>
/// <param name="OnSourceError">What to do when the source can't be read.</param>
/// <param name="OnTargetError">What to do when the target can't be written.</param>
/// <param name="Unmap">Whether zeroes may become holes of the target.</param>
/// <param name="CopyMode">When what guests write gets to the target.</param>
/// <param name="AutoFinalize">Take the last step by itself.</param>
/// <param name="AutoDismiss">Go away by itself.</param>
[Schema]
public sealed partial record DriveMirrorArguments(
    string Device,
    string Target,
    MirrorSync Sync,
    string? Format = null,
    string? NodeName = null,
    NewImageMode? Mode = null,
    string? JobId = null,
    string? Replaces = null,
    long? Speed = null,
    uint? Granularity = null,
    long? BufSize = null,
    JobErrorPolicy OnSourceError = JobErrorPolicy.Report,
    JobErrorPolicy OnTargetError = JobErrorPolicy.Report,
    bool Unmap = true,
    MirrorCopyMode CopyMode = MirrorCopyMode.Background,
    bool AutoFinalize = true,
    bool AutoDismiss = true
)
{
    /// <summary>The same mirror to a node that is open, of this name.</summary>
    internal MirrorArguments ToMirror(string targetNode, MirrorSync sync, bool targetIsZero) =>
        new(
            Device,
            targetNode,
            sync,
            JobId,
            Replaces,
            Speed,
            Granularity,
            BufSize,
            OnSourceError,
            OnTargetError,
            FilterNodeName: null,
            CopyMode,
            AutoFinalize,
            AutoDismiss,
            targetIsZero
        );
}
