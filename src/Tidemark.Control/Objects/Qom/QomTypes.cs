using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Control.Objects.Qom;

/// <summary>The kinds of object that there are, with their properties in the reference's order.</summary>
internal static class QomTypes
{
    /// <summary>What an iothread polls for at most where nothing else is said, nanoseconds (reference: poll-max-ns).</summary>
    internal const long DefaultPollMaxNs = 32_768;

    private static readonly QomProperty[] EventLoop =
    [
        QomProperty.Int<ObjectOptions.Iothread>(
            "thread-pool-min",
            static thread => thread.ThreadPoolMin ?? 0,
            static (thread, value) => thread with { ThreadPoolMin = value }
        ),
        QomProperty.Int<ObjectOptions.Iothread>(
            "aio-max-batch",
            static thread => thread.AioMaxBatch ?? 0,
            static (thread, value) => thread with { AioMaxBatch = value }
        ),
        QomProperty.Int<ObjectOptions.Iothread>(
            "thread-pool-max",
            static thread => thread.ThreadPoolMax ?? ObjectRegistry.DefaultPoolMax,
            static (thread, value) => thread with { ThreadPoolMax = value }
        ),
    ];

    private static readonly QomProperty[] Iothread =
    [
        .. EventLoop,
        QomProperty.Int<ObjectOptions.Iothread>(
            "poll-max-ns",
            static thread => thread.PollMaxNs ?? DefaultPollMaxNs,
            static (thread, value) => thread with { PollMaxNs = value }
        ),
        QomProperty.Int<ObjectOptions.Iothread>(
            "poll-grow",
            static thread => thread.PollGrow ?? 0,
            static (thread, value) => thread with { PollGrow = value }
        ),
        QomProperty.Int<ObjectOptions.Iothread>(
            "poll-shrink",
            static thread => thread.PollShrink ?? 0,
            static (thread, value) => thread with { PollShrink = value }
        ),
    ];

    private static readonly QomProperty[] SecretCommon =
    [
        QomProperty.Text<ObjectOptions.Secret>(
            "iv",
            static secret => secret.Iv ?? "",
            static (secret, value) => secret with { Iv = value }
        ),
        QomProperty.Text<ObjectOptions.Secret>(
            "keyid",
            static secret => secret.Keyid ?? "",
            static (secret, value) => secret with { Keyid = value }
        ),
        // An object that exists has been read.
        new("loaded", "bool", static _ => JsonBool.True),
        QomProperty.Of<ObjectOptions.Secret, SecretFormat>(
            "format",
            "QCryptoSecretFormat",
            SecretFormatWords.Codec,
            SecretFormatWords.Codec.Write,
            static secret => secret.Format ?? SecretFormat.Raw,
            static (secret, value) => secret with { Format = value }
        ),
    ];

    private static readonly QomProperty[] Secret =
    [
        .. SecretCommon,
        QomProperty.Text<ObjectOptions.Secret>(
            "file",
            static secret => secret.File ?? "",
            static (secret, value) => secret with { File = value }
        ),
        QomProperty.Text<ObjectOptions.Secret>(
            "data",
            static secret => secret.Data ?? "",
            static (secret, value) => secret with { Data = value }
        ),
    ];

    private static readonly QomProperty[] ThrottleGroup =
    [
        Legacy("x-bps-write-max-length", static limits => limits.BpsWriteMaxLength),
        Legacy("x-iops-total-max-length", static limits => limits.IopsTotalMaxLength),
        Legacy("x-iops-size", static limits => limits.IopsSize),
        QomProperty.Of<ObjectOptions.ThrottleGroup, ThrottleLimits>(
            "limits",
            "ThrottleLimits",
            ThrottleLimits.Codec,
            ThrottleLimits.Codec.Write,
            static group => LimitsOf(group),
            static (group, value) => group with { Limits = value.Over(LimitsOf(group)) }
        ),
        Legacy("x-bps-total", static limits => limits.BpsTotal),
        Legacy("x-iops-read-max-length", static limits => limits.IopsReadMaxLength),
        Legacy("x-bps-write", static limits => limits.BpsWrite),
        Legacy("x-iops-write-max-length", static limits => limits.IopsWriteMaxLength),
        Legacy("x-bps-read-max", static limits => limits.BpsReadMax),
        Legacy("x-iops-read-max", static limits => limits.IopsReadMax),
        Legacy("x-bps-total-max", static limits => limits.BpsTotalMax),
        Legacy("x-bps-read-max-length", static limits => limits.BpsReadMaxLength),
        Legacy("x-iops-read", static limits => limits.IopsRead),
        Legacy("x-bps-read", static limits => limits.BpsRead),
        Legacy("x-bps-write-max", static limits => limits.BpsWriteMax),
        Legacy("x-iops-total-max", static limits => limits.IopsTotalMax),
        Legacy("x-iops-total", static limits => limits.IopsTotal),
        Legacy("x-iops-write", static limits => limits.IopsWrite),
        Legacy("x-bps-total-max-length", static limits => limits.BpsTotalMaxLength),
        Legacy("x-iops-write-max", static limits => limits.IopsWriteMax),
    ];

    /// <summary>All kinds, abstract ones and interfaces among them.</summary>
    public static IReadOnlyList<QomType> All { get; } =
    [
        new("secret_common", ["user-creatable", "object"], IsAbstract: true, SecretCommon) { Parent = "object" },
        new("container", ["object"], IsAbstract: false, []),
        new("interface", [], IsAbstract: true, []),
        new("iothread", ["event-loop-base", "user-creatable", "object"], IsAbstract: false, Iothread),
        new("secret", ["secret_common", "user-creatable", "object"], IsAbstract: false, Secret),
        new("event-loop-base", ["user-creatable", "object"], IsAbstract: true, EventLoop) { Parent = "object" },
        new("object", [], IsAbstract: true, []),
        new("user-creatable", ["interface"], IsAbstract: true, []),
        new("throttle-group", ["user-creatable", "object"], IsAbstract: false, ThrottleGroup) { Parent = "object" },
    ];

    /// <summary>The kind of that name, or null.</summary>
    public static QomType? Find(string name) => All.FirstOrDefault(type => type.Name == name);

    /// <summary>The kind of an object.</summary>
    public static QomType Of(ObjectOptions options) =>
        Find(
            options switch
            {
                ObjectOptions.Iothread => "iothread",
                ObjectOptions.Secret => "secret",
                _ => "throttle-group",
            }
        ) ?? throw Invariant.Unreachable("every object has a kind");

    private static ThrottleLimits LimitsOf(ObjectOptions.ThrottleGroup group) => group.Limits ?? new ThrottleLimits();

    private static QomProperty Legacy(string name, Func<ThrottleLimits, long?> get) =>
        QomProperty.Int<ObjectOptions.ThrottleGroup>(name, group => get(LimitsOf(group)) ?? 0) with
        {
            // Whatever the value is.
            Set = static (_, _) =>
                throw new BlockException(BlockErrorKind.InvalidOptions, "Property cannot be set after initialization"),
        };
}
