using Tidemark.Core.Schema;

namespace Tidemark.Jobs.Stream;

/// <summary>Arguments of block-stream.</summary>
/// <param name="Device">The node to stream into: a device or a node.</param>
/// <param name="JobId">The job's id; by default the name of the device.</param>
/// <param name="Base">File name of the image that becomes the backing file; by default there is none in the end.</param>
/// <param name="BaseNode">The same by its node name.</param>
/// <param name="BackingFile">What the header gets as the backing file's name; by default the base's own name.</param>
/// <param name="BackingMaskProtocol">Write "raw" where the backing format would be a protocol. Newer than the reference.</param>
/// <param name="Bottom">The last node to stream from: what lies below it becomes the backing file, whatever that is at the end.</param>
/// <param name="Speed">Limit in bytes per second, 0 for none.</param>
/// <param name="OnError">What to do about errors; what is ignored is left out, and the job fails in the end.</param>
/// <param name="FilterNodeName">Name of the filter node that the job puts above the node.</param>
/// <param name="AutoFinalize">Take the last step by itself.</param>
/// <param name="AutoDismiss">Go away by itself.</param>
[Schema]
public sealed partial record StreamArguments(
    string Device,
    string? JobId = null,
    string? Base = null,
    string? BaseNode = null,
    string? BackingFile = null,
    bool BackingMaskProtocol = false,
    string? Bottom = null,
    long? Speed = null,
    JobErrorPolicy OnError = JobErrorPolicy.Report,
    string? FilterNodeName = null,
    bool AutoFinalize = true,
    bool AutoDismiss = true
);
