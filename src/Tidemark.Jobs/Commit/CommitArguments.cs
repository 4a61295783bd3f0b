using Tidemark.Core.Schema;

namespace Tidemark.Jobs.Commit;

/// <summary>Arguments of block-commit.</summary>
/// <param name="Device">The top of the chain: a device or a node.</param>
/// <param name="JobId">The job's id; by default the name of the device.</param>
/// <param name="BaseNode">The node to write into; by default the last image of the chain.</param>
/// <param name="Base">The same by its file name.</param>
/// <param name="TopNode">The first node whose content is written down; by default the top of the chain.</param>
/// <param name="Top">The same by its file name.</param>
/// <param name="BackingFile">What the overlays of the top get as their backing file's name; by default the base's own name.</param>
/// <param name="BackingMaskProtocol">Write "raw" where the backing format would be a protocol. Newer than the reference.</param>
/// <param name="Speed">Limit in bytes per second, 0 for none.</param>
/// <param name="OnError">What to do about errors.</param>
/// <param name="FilterNodeName">Name of the filter node that the job puts above the top.</param>
/// <param name="AutoFinalize">Take the last step by itself.</param>
/// <param name="AutoDismiss">Go away by itself.</param>
[Schema]
public sealed partial record CommitArguments(
    string Device,
    string? JobId = null,
    string? BaseNode = null,
    string? Base = null,
    string? TopNode = null,
    string? Top = null,
    string? BackingFile = null,
    bool BackingMaskProtocol = false,
    long? Speed = null,
    JobErrorPolicy OnError = JobErrorPolicy.Report,
    string? FilterNodeName = null,
    bool AutoFinalize = true,
    bool AutoDismiss = true
);
