using Tidemark.Core.Schema;

namespace Tidemark.Control.Migration;

/// <summary>
/// How migrations are done (MigrationParameters), with the reference's defaults. Of a machine without a guest only bandwidth,
/// downtime and the mapping of bitmaps matter; the rest is kept for those who set it. Sizes in bytes, bandwidths in bytes a second,
/// times in milliseconds.
/// </summary>
[Schema(Name = "MigrationParameters")]
internal sealed partial record MigrationParameters(
    [Size] ulong AnnounceInitial = 50,
    [Size] ulong AnnounceMax = 550,
    [Size] ulong AnnounceRounds = 5,
    [Size] ulong AnnounceStep = 100,
    byte CompressLevel = 1,
    byte CompressThreads = 8,
    bool CompressWaitThread = true,
    byte DecompressThreads = 2,
    byte ThrottleTriggerThreshold = 50,
    byte CpuThrottleInitial = 20,
    byte CpuThrottleIncrement = 10,
    bool CpuThrottleTailslow = false,
    string TlsCreds = "",
    string TlsHostname = "",
    string TlsAuthz = "",
    [Size] ulong MaxBandwidth = MigrationParameters.DefaultBandwidth,
    ulong DowntimeLimit = 300,
    uint XCheckpointDelay = 20_000,
    bool BlockIncremental = false,
    byte MultifdChannels = 2,
    MultifdCompression MultifdCompression = MultifdCompression.None,
    byte MultifdZlibLevel = 1,
    byte MultifdZstdLevel = 1,
    [Size] ulong XbzrleCacheSize = 64 << 20,
    [Size] ulong MaxPostcopyBandwidth = 0,
    byte MaxCpuThrottle = 99,
    IReadOnlyList<NodeAlias>? BlockBitmapMapping = null
)
{
    private const ulong DefaultBandwidth = 128 << 20;
}
