using Tidemark.Core.Schema;

namespace Tidemark.Control.Objects;

/// <summary>What object-add takes.</summary>
[Schema(Discriminator = "qom-type")]
public abstract partial record ObjectOptions
{
    /// <summary>Its id, unique among all objects.</summary>
    public abstract string Id { get; init; }

    /// <summary>
    /// A thread to run exports on, by the reference's name for it. Here all nodes of a daemon, and so their exports, stay on its one
    /// loop: the object is checked and kept, an export may name it, but nothing moves; who insists (fixed-iothread) is refused.
    /// Times in nanoseconds.
    /// </summary>
    [Branch("iothread")]
    public sealed partial record Iothread(
        string Id,
        long? PollMaxNs = null,
        long? PollGrow = null,
        long? PollShrink = null,
        long? AioMaxBatch = null,
        long? ThreadPoolMin = null,
        long? ThreadPoolMax = null
    ) : ObjectOptions;

    /// <summary>
    /// Something that is not to stand on command lines: as it is, or in a file; encrypted by the secret <c>Keyid</c> if that is given,
    /// <c>Iv</c> being base64. <c>Loaded</c> is an outdated member that nothing may be written to.
    /// </summary>
    [Branch("secret")]
    public sealed partial record Secret(
        string Id,
        bool? Loaded = null,
        SecretFormat? Format = null,
        string? Keyid = null,
        string? Iv = null,
        string? Data = null,
        string? File = null
    ) : ObjectOptions;

    /// <summary>
    /// Bounds for throttle nodes to share. The members that begin with x- are the same bounds by an older way, one by one; where both
    /// are given, they win.
    /// </summary>
    [Branch("throttle-group")]
    public sealed partial record ThrottleGroup(
        string Id,
        ThrottleLimits? Limits = null,
        long? XIopsTotal = null,
        long? XIopsTotalMax = null,
        long? XIopsTotalMaxLength = null,
        long? XIopsRead = null,
        long? XIopsReadMax = null,
        long? XIopsReadMaxLength = null,
        long? XIopsWrite = null,
        long? XIopsWriteMax = null,
        long? XIopsWriteMaxLength = null,
        long? XBpsTotal = null,
        long? XBpsTotalMax = null,
        long? XBpsTotalMaxLength = null,
        long? XBpsRead = null,
        long? XBpsReadMax = null,
        long? XBpsReadMaxLength = null,
        long? XBpsWrite = null,
        long? XBpsWriteMax = null,
        long? XBpsWriteMaxLength = null,
        long? XIopsSize = null
    ) : ObjectOptions
    {
        /// <summary>The bounds that the older members give.</summary>
        internal ThrottleLimits Legacy =>
            new()
            {
                IopsTotal = XIopsTotal,
                IopsTotalMax = XIopsTotalMax,
                IopsTotalMaxLength = XIopsTotalMaxLength,
                IopsRead = XIopsRead,
                IopsReadMax = XIopsReadMax,
                IopsReadMaxLength = XIopsReadMaxLength,
                IopsWrite = XIopsWrite,
                IopsWriteMax = XIopsWriteMax,
                IopsWriteMaxLength = XIopsWriteMaxLength,
                BpsTotal = XBpsTotal,
                BpsTotalMax = XBpsTotalMax,
                BpsTotalMaxLength = XBpsTotalMaxLength,
                BpsRead = XBpsRead,
                BpsReadMax = XBpsReadMax,
                BpsReadMaxLength = XBpsReadMaxLength,
                BpsWrite = XBpsWrite,
                BpsWriteMax = XBpsWriteMax,
                BpsWriteMaxLength = XBpsWriteMaxLength,
                IopsSize = XIopsSize,
            };

        /// <summary>The older members by their names on the wire.</summary>
        internal IEnumerable<(string Name, long? Value)> LegacyMembers =>
            [
                ("x-iops-total", XIopsTotal),
                ("x-iops-total-max", XIopsTotalMax),
                ("x-iops-total-max-length", XIopsTotalMaxLength),
                ("x-iops-read", XIopsRead),
                ("x-iops-read-max", XIopsReadMax),
                ("x-iops-read-max-length", XIopsReadMaxLength),
                ("x-iops-write", XIopsWrite),
                ("x-iops-write-max", XIopsWriteMax),
                ("x-iops-write-max-length", XIopsWriteMaxLength),
                ("x-bps-total", XBpsTotal),
                ("x-bps-total-max", XBpsTotalMax),
                ("x-bps-total-max-length", XBpsTotalMaxLength),
                ("x-bps-read", XBpsRead),
                ("x-bps-read-max", XBpsReadMax),
                ("x-bps-read-max-length", XBpsReadMaxLength),
                ("x-bps-write", XBpsWrite),
                ("x-bps-write-max", XBpsWriteMax),
                ("x-bps-write-max-length", XBpsWriteMaxLength),
                ("x-iops-size", XIopsSize),
            ];
    }
}
