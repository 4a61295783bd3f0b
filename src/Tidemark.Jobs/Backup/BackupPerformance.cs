using Tidemark.Core.Schema;

namespace Tidemark.Jobs.Backup;

/// <summary>How a backup's copying is tuned; QMP's BackupPerf.</summary>
/// <param name="UseCopyRange">Copy inside the kernel where that can be done.</param>
/// <param name="MaxWorkers">Pieces under way at once, at least 1.</param>
/// <param name="MaxChunk">Longest piece in bytes, 0 for the default.</param>
/// <param name="MinClusterSize">Least unit of copying in bytes, a power of two, 0 for none but the target's. Of versions after 7.2.</param>
[Schema]
public sealed partial record BackupPerformance(
    bool UseCopyRange = false,
    long MaxWorkers = 64,
    long MaxChunk = 0,
    [Size] ulong MinClusterSize = 0
);
