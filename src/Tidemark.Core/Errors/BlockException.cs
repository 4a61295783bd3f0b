namespace Tidemark.Core.Errors;

/// <summary>
/// Opening, creating, checking or reconfiguring failed. <see cref="Exception.Message"/> is the whole text a user sees,
/// in the reference's wording where it has one. Never thrown on the data path.
/// </summary>
public sealed class BlockException : Exception
{
    /// <summary>An error of <paramref name="kind"/> with the text <paramref name="message"/>.</summary>
    public BlockException(BlockErrorKind kind, string message, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
        Status = kind switch
        {
            BlockErrorKind.InvalidOptions => IoStatus.InvalidArgument,
            BlockErrorKind.NotFound or BlockErrorKind.DeviceNotFound => IoStatus.NotFound,
            BlockErrorKind.AccessDenied => IoStatus.AccessDenied,
            BlockErrorKind.InUse => IoStatus.Busy,
            BlockErrorKind.NotSupported => IoStatus.NotSupported,
            BlockErrorKind.NoSpace => IoStatus.NoSpace,
            _ => IoStatus.IoError,
        };
    }

    /// <summary>An error that came from a request: kind by the errno, text as "<paramref name="prefix"/>: strerror".</summary>
    public BlockException(IoStatus status, string prefix)
        : base($"{prefix}: {status.Describe()}")
    {
        Kind = KindOf(status);
        Status = status;
    }

    /// <summary>What kind of failure it is; stable, to switch on.</summary>
    public BlockErrorKind Kind { get; }

    /// <summary>The errno nearest to it.</summary>
    public IoStatus Status { get; init; }

    /// <summary>The file or address concerned, if one is.</summary>
    public string? Path { get; init; }

    /// <summary>Byte offset of what is wrong, if known.</summary>
    public long? Offset { get; init; }

    /// <summary>A second line of advice for people ("Is another process using the image?"), printed after the message by command lines.</summary>
    public string? Hint { get; init; }

    /// <summary>The same failure with <paramref name="prefix"/> and ": " before its text.</summary>
    public BlockException Prefixed(string prefix) =>
        new(Kind, $"{prefix}: {Message}", this)
        {
            Status = Status,
            Path = Path,
            Offset = Offset,
            Hint = Hint,
        };

    /// <summary>The kind that an errno stands for.</summary>
    public static BlockErrorKind KindOf(IoStatus status) =>
        status switch
        {
            IoStatus.NotFound => BlockErrorKind.NotFound,
            IoStatus.AccessDenied or IoStatus.NotPermitted or IoStatus.ReadOnly => BlockErrorKind.AccessDenied,
            IoStatus.Busy or IoStatus.Again => BlockErrorKind.InUse,
            IoStatus.InvalidArgument => BlockErrorKind.InvalidOptions,
            IoStatus.NotSupported => BlockErrorKind.NotSupported,
            IoStatus.NoSpace or IoStatus.FileTooBig => BlockErrorKind.NoSpace,
            _ => BlockErrorKind.Io,
        };
}
