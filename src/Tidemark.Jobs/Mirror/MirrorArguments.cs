using Tidemark.Core.Schema;

namespace Tidemark.Jobs.Mirror;

/// <summary>Arguments of blockdev-mirror.</summary>
/// <param name="Device">The source: a device or a node that only such use.</param>
/// <param name="Target">The target: a node of the same size.</param>
/// <param name="Sync">What to copy to begin with.</param>
/// <param name="JobId">The job's id; by default the name of the device that uses the source.</param>
/// <param name="Replaces">The node whose place the target takes when the job completes; the source by default.</param>
/// <param name="Speed">Limit in bytes per second, 0 for none.</param>
/// <param name="Granularity">What one bit of the job's bitmap stands for, bytes; 0 or none: the target's cluster size within 4 to 64 KiB.</param>
/// <param name="BufSize">Bytes that may be under way at once; 0 for the engine's choice.</param>
/// <param name="OnSourceError">What to do when the source can't be read.</param>
/// <param name="OnTargetError">What to do when the target can't be written.</param>
/// <param name="FilterNodeName">Name of the filter node that the job puts above the source.</param>
/// <param name="CopyMode">When what guests write gets to the target.</param>
/// <param name="AutoFinalize">Take the last step by itself.</param>
/// <param name="AutoDismiss">Go away by itself.</param>
/// <param name="TargetIsZero">Whether all of the target reads as zeroes: then it is not zeroed first. Of versions after 7.2.</param>
[Schema]
public sealed partial record MirrorArguments(
    string Device,
    string Target,
    MirrorSync Sync,
    string? JobId = null,
    string? Replaces = null,
    long? Speed = null,
    uint? Granularity = null,
    long? BufSize = null,
    JobErrorPolicy OnSourceError = JobErrorPolicy.Report,
    JobErrorPolicy OnTargetError = JobErrorPolicy.Report,
    string? FilterNodeName = null,
    MirrorCopyMode CopyMode = MirrorCopyMode.Background,
    bool AutoFinalize = true,
    bool AutoDismiss = true,
    bool TargetIsZero = false
);
