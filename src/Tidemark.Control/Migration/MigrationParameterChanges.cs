using System.Numerics;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Migration;

/// <summary>What migrate-set-parameters takes (MigrateSetParameters): what is not given stays as it is.</summary>
[Schema(Name = "MigrateSetParameters")]
internal sealed partial record MigrationParameterChanges(
    [Size] ulong? AnnounceInitial = null,
    [Size] ulong? AnnounceMax = null,
    [Size] ulong? AnnounceRounds = null,
    [Size] ulong? AnnounceStep = null,
    byte? CompressLevel = null,
    byte? CompressThreads = null,
    bool? CompressWaitThread = null,
    byte? DecompressThreads = null,
    byte? ThrottleTriggerThreshold = null,
    byte? CpuThrottleInitial = null,
    byte? CpuThrottleIncrement = null,
    bool? CpuThrottleTailslow = null,
    TextOrNull? TlsCreds = null,
    TextOrNull? TlsHostname = null,
    TextOrNull? TlsAuthz = null,
    [Size] ulong? MaxBandwidth = null,
    ulong? DowntimeLimit = null,
    uint? XCheckpointDelay = null,
    bool? BlockIncremental = null,
    byte? MultifdChannels = null,
    MultifdCompression? MultifdCompression = null,
    byte? MultifdZlibLevel = null,
    byte? MultifdZstdLevel = null,
    [Size] ulong? XbzrleCacheSize = null,
    [Size] ulong? MaxPostcopyBandwidth = null,
    byte? MaxCpuThrottle = null,
    IReadOnlyList<NodeAlias>? BlockBitmapMapping = null
)
{
    private const ulong LongestDowntimeMs = 2_000_000;
    private const ulong PageBytes = 4096;

    /// <summary>The parameters with the changes. Throws <see cref="QmpException"/> for a value out of bounds.</summary>
    public MigrationParameters ApplyTo(MigrationParameters before)
    {
        Check(before);
        // The two levels are checked by nobody and kept by nobody in the reference.
        return new(
            AnnounceInitial ?? before.AnnounceInitial,
            AnnounceMax ?? before.AnnounceMax,
            AnnounceRounds ?? before.AnnounceRounds,
            AnnounceStep ?? before.AnnounceStep,
            CompressLevel ?? before.CompressLevel,
            CompressThreads ?? before.CompressThreads,
            CompressWaitThread ?? before.CompressWaitThread,
            DecompressThreads ?? before.DecompressThreads,
            ThrottleTriggerThreshold ?? before.ThrottleTriggerThreshold,
            CpuThrottleInitial ?? before.CpuThrottleInitial,
            CpuThrottleIncrement ?? before.CpuThrottleIncrement,
            CpuThrottleTailslow ?? before.CpuThrottleTailslow,
            Text(TlsCreds, before.TlsCreds),
            Text(TlsHostname, before.TlsHostname),
            Text(TlsAuthz, before.TlsAuthz),
            MaxBandwidth ?? before.MaxBandwidth,
            DowntimeLimit ?? before.DowntimeLimit,
            XCheckpointDelay ?? before.XCheckpointDelay,
            BlockIncremental ?? before.BlockIncremental,
            MultifdChannels ?? before.MultifdChannels,
            MultifdCompression ?? before.MultifdCompression,
            before.MultifdZlibLevel,
            before.MultifdZstdLevel,
            XbzrleCacheSize ?? before.XbzrleCacheSize,
            MaxPostcopyBandwidth ?? before.MaxPostcopyBandwidth,
            MaxCpuThrottle ?? before.MaxCpuThrottle,
            BlockBitmapMapping ?? before.BlockBitmapMapping
        );
    }

    private void Check(MigrationParameters before)
    {
        Require(CompressLevel, 0, 9, "compress_level", "a value between 0 and 9");
        Require(CompressThreads, 1, 255, "compress_threads", "a value between 1 and 255");
        Require(DecompressThreads, 1, 255, "decompress_threads", "a value between 1 and 255");
        Require(ThrottleTriggerThreshold, 1, 100, "throttle_trigger_threshold", "an integer in the range of 1 to 100");
        Require(CpuThrottleInitial, 1, 99, "cpu_throttle_initial", "an integer in the range of 1 to 99");
        Require(CpuThrottleIncrement, 1, 99, "cpu_throttle_increment", "an integer in the range of 1 to 99");
        Require(DowntimeLimit, 0, LongestDowntimeMs, "downtime_limit", "an integer in the range of 0 to (2000 * 1000) ms");
        Require(MultifdChannels, 1, 255, "multifd_channels", "a value between 1 and 255");
        if (XbzrleCacheSize is { } cache && (cache < PageBytes || !BitOperations.IsPow2(cache)))
        {
            throw Expects("xbzrle_cache_size", "a power of two no less than the target page size");
        }
        var least = CpuThrottleInitial ?? before.CpuThrottleInitial;
        Require(MaxCpuThrottle, least, 99, "max_cpu_throttle", "an integer in the range of cpu_throttle_initial to 99");
        Require(AnnounceInitial, 0, 100_000, "announce_initial", "a value between 0 and 100000");
        Require(AnnounceMax, 0, 100_000, "announce_max", "a value between 0 and 100000");
        Require(AnnounceRounds, 0, 1000, "announce_rounds", "a value between 0 and 1000");
        Require(AnnounceStep, 1, 10_000, "announce_step", "a value between 0 and 10000");
        if (BlockBitmapMapping is { } mapping)
        {
            NodeAlias.Check(mapping);
        }
    }

    private static string Text(TextOrNull? given, string before) => given is null ? before : given.Text ?? "";

    private static void Require(ulong? value, ulong least, ulong most, string name, string range)
    {
        if (value < least || value > most)
        {
            throw Expects(name, range);
        }
    }

    private static QmpException Expects(string name, string what) => new($"Parameter '{name}' expects {what}");
}
