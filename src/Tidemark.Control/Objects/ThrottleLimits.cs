using Tidemark.Block.Throttling;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Objects;

/// <summary>
/// The bounds of a throttle group as the wire has them (ThrottleLimits): requests and bytes a second, their rates in bursts, how many
/// seconds bursts last; bytes that count as one request. What is left out stays as it is.
/// </summary>
[Schema]
public sealed partial record ThrottleLimits(
    long? IopsTotal = null,
    long? IopsTotalMax = null,
    long? IopsTotalMaxLength = null,
    long? IopsRead = null,
    long? IopsReadMax = null,
    long? IopsReadMaxLength = null,
    long? IopsWrite = null,
    long? IopsWriteMax = null,
    long? IopsWriteMaxLength = null,
    long? BpsTotal = null,
    long? BpsTotalMax = null,
    long? BpsTotalMaxLength = null,
    long? BpsRead = null,
    long? BpsReadMax = null,
    long? BpsReadMaxLength = null,
    long? BpsWrite = null,
    long? BpsWriteMax = null,
    long? BpsWriteMaxLength = null,
    long? IopsSize = null
)
{
    /// <summary>These, and where they leave something out that of <paramref name="below"/>.</summary>
    internal ThrottleLimits Over(ThrottleLimits below) =>
        new ThrottleLimits
        {
            IopsTotal = IopsTotal ?? below.IopsTotal,
            IopsTotalMax = IopsTotalMax ?? below.IopsTotalMax,
            IopsTotalMaxLength = IopsTotalMaxLength ?? below.IopsTotalMaxLength,
            IopsRead = IopsRead ?? below.IopsRead,
            IopsReadMax = IopsReadMax ?? below.IopsReadMax,
            IopsReadMaxLength = IopsReadMaxLength ?? below.IopsReadMaxLength,
            IopsWrite = IopsWrite ?? below.IopsWrite,
            IopsWriteMax = IopsWriteMax ?? below.IopsWriteMax,
            IopsWriteMaxLength = IopsWriteMaxLength ?? below.IopsWriteMaxLength,
            BpsTotal = BpsTotal ?? below.BpsTotal,
            BpsTotalMax = BpsTotalMax ?? below.BpsTotalMax,
            BpsTotalMaxLength = BpsTotalMaxLength ?? below.BpsTotalMaxLength,
            BpsRead = BpsRead ?? below.BpsRead,
            BpsReadMax = BpsReadMax ?? below.BpsReadMax,
            BpsReadMaxLength = BpsReadMaxLength ?? below.BpsReadMaxLength,
            BpsWrite = BpsWrite ?? below.BpsWrite,
            BpsWriteMax = BpsWriteMax ?? below.BpsWriteMax,
            BpsWriteMaxLength = BpsWriteMaxLength ?? below.BpsWriteMaxLength,
            IopsSize = IopsSize ?? below.IopsSize,
        };

    /// <summary>All of what <paramref name="settings"/> say.</summary>
    internal static ThrottleLimits Of(ThrottleSettings settings) =>
        new(
            settings[ThrottleBucket.IopsTotal].Average,
            settings[ThrottleBucket.IopsTotal].Burst,
            (long)settings[ThrottleBucket.IopsTotal].BurstSeconds,
            settings[ThrottleBucket.IopsRead].Average,
            settings[ThrottleBucket.IopsRead].Burst,
            (long)settings[ThrottleBucket.IopsRead].BurstSeconds,
            settings[ThrottleBucket.IopsWrite].Average,
            settings[ThrottleBucket.IopsWrite].Burst,
            (long)settings[ThrottleBucket.IopsWrite].BurstSeconds,
            settings[ThrottleBucket.BpsTotal].Average,
            settings[ThrottleBucket.BpsTotal].Burst,
            (long)settings[ThrottleBucket.BpsTotal].BurstSeconds,
            settings[ThrottleBucket.BpsRead].Average,
            settings[ThrottleBucket.BpsRead].Burst,
            (long)settings[ThrottleBucket.BpsRead].BurstSeconds,
            settings[ThrottleBucket.BpsWrite].Average,
            settings[ThrottleBucket.BpsWrite].Burst,
            (long)settings[ThrottleBucket.BpsWrite].BurstSeconds,
            (long)settings.IopsSize
        );

    /// <summary>What a group works by; throws <see cref="BlockException"/> for a burst that is too long to count. Not checked otherwise.</summary>
    internal ThrottleSettings ToSettings() =>
        new(
            [
                Limit("bps-total", BpsTotal, BpsTotalMax, BpsTotalMaxLength),
                Limit("bps-read", BpsRead, BpsReadMax, BpsReadMaxLength),
                Limit("bps-write", BpsWrite, BpsWriteMax, BpsWriteMaxLength),
                Limit("iops-total", IopsTotal, IopsTotalMax, IopsTotalMaxLength),
                Limit("iops-read", IopsRead, IopsReadMax, IopsReadMaxLength),
                Limit("iops-write", IopsWrite, IopsWriteMax, IopsWriteMaxLength),
            ],
            (ulong)(IopsSize ?? 0)
        );

    private static ThrottleLimit Limit(string name, long? average, long? burst, long? seconds) =>
        seconds > uint.MaxValue
            ? throw new BlockException(
                BlockErrorKind.InvalidOptions,
                $"{name}-max-length value must be in the range [0, {uint.MaxValue}]"
            )
            // A negative length counts as a very long one, as with the reference.
            : new ThrottleLimit(average ?? 0, burst ?? 0, (ulong)(seconds ?? 1));
}
