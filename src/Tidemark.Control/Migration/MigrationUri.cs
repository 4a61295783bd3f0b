using System.Globalization;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Control.Migration;

/// <summary>
/// Where a migration goes to or comes from: <c>unix:PATH</c>, <c>tcp:HOST:PORT</c>, <c>fd:NUMBER</c> or <c>fd:NAME</c>, <c>exec:COMMAND</c>,
/// <c>file:PATH[,offset=BYTES]</c>.
/// </summary>
internal abstract record MigrationUri
{
    private MigrationUri() { }

    /// <summary>A socket.</summary>
    public sealed record Socket(SocketAddress Address) : MigrationUri;

    /// <summary>An open descriptor of any kind: one that a client passed, or to come from, by its number one that the process was started with.</summary>
    public sealed record Descriptor(string Text) : MigrationUri;

    /// <summary>A command's standard input and output.</summary>
    public sealed record Command(string Text) : MigrationUri;

    /// <summary>A file, from a place in it on.</summary>
    public sealed record File(string Path, long Offset) : MigrationUri;

    /// <summary>Takes an address apart; null for one of no known kind. Throws <see cref="BlockException"/> for what is no address.</summary>
    public static MigrationUri? Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var rest = text[(colon + 1)..];
        return (colon < 0 ? "" : text[..colon]) switch
        {
            "unix" => ParseUnix(rest),
            "tcp" => new Socket(ParseInet(rest)),
            "fd" => new Descriptor(rest),
            "exec" => new Command(rest),
            "file" => ParseFile(rest),
            _ => null,
        };
    }

    /// <summary>Connects to whoever is there. Throws <see cref="BlockException"/>.</summary>
    public ValueTask<ByteChannel> ConnectAsync(IoEngine engine, CancellationToken cancel) =>
        this switch
        {
            Socket socket => engine.ConnectAsync(socket.Address, cancel),
            Descriptor descriptor => new(engine.Adopt(FindNamed(engine, descriptor.Text))),
            Command command => new(engine.StartCommand(command.Text)),
            File file => FileChannel.CreateAsync(engine, file.Path, file.Offset),
            _ => throw Invariant.Unreachable("all kinds of address are listed"),
        };

    /// <summary>
    /// Opens what needs no listener; <paramref name="mayName"/>: whether clients have had a chance to pass descriptors. Throws
    /// <see cref="BlockException"/>.
    /// </summary>
    public ValueTask<ByteChannel> OpenIncomingAsync(IoEngine engine, bool mayName) =>
        this switch
        {
            File file => FileChannel.OpenAsync(engine, file.Path, file.Offset),
            Descriptor { Text: var text } => new(
                engine.Adopt(
                    mayName && !(text is [var first, ..] && char.IsAsciiDigit(first))
                        ? FindNamed(engine, text)
                        : FindNumbered(text)
                )
            ),
            _ => ConnectAsync(engine, CancellationToken.None),
        };

    private static Socket ParseUnix(string path) =>
        path.Length > 0
            ? new Socket(new SocketAddress.Unix(path))
            : throw new BlockException(BlockErrorKind.InvalidOptions, "invalid Unix socket address");

    // HOST:PORT, [HOST]:PORT or :PORT, and options behind commas.
    private static SocketAddress.Inet ParseInet(string text)
    {
        var parts = text.Split(',');
        var where = parts[0];
        var colon = where.StartsWith('[')
            ? where.IndexOf("]:", StringComparison.Ordinal) + 1
            : where.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || (where.StartsWith('[') && colon == 0) || colon == where.Length - 1)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"error parsing address '{text}'");
        }
        var options = new InetOptions(where[..colon].Trim('[', ']'), where[(colon + 1)..]);
        foreach (var part in parts.AsSpan(1))
        {
            options = part switch
            {
                "ipv4" or "ipv4=on" => options with { Ipv4 = true },
                "ipv4=off" => options with { Ipv4 = false },
                "ipv6" or "ipv6=on" => options with { Ipv6 = true },
                "ipv6=off" => options with { Ipv6 = false },
                "keep-alive" or "keep-alive=on" => options with { KeepAlive = true },
                "keep-alive=off" => options with { KeepAlive = false },
                _ when part.StartsWith("to=", StringComparison.Ordinal)
                        && ushort.TryParse(part.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out var last) =>
                    options with
                    {
                        To = last,
                    },
                _ => throw new BlockException(BlockErrorKind.InvalidOptions, $"error parsing address '{text}'"),
            };
        }
        return options.ToListen();
    }

    private static SocketAddress.Descriptor FindNamed(IoEngine engine, string name) =>
        engine.Descriptors is { } store
            ? new(store.Take(name), name)
            : throw new BlockException(BlockErrorKind.NotFound, $"File descriptor named '{name}' has not been found");

    private static SocketAddress.Descriptor FindNumbered(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(number)
            : throw new BlockException(BlockErrorKind.InvalidOptions, $"Invalid file descriptor number '{text}'");

    private static File ParseFile(string text)
    {
        const string Option = ",offset=";
        var at = text.LastIndexOf(Option, StringComparison.Ordinal);
        if (at < 0)
        {
            return new File(text, 0);
        }
        return long.TryParse(text.AsSpan(at + Option.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? new File(text[..at], offset)
            : throw new BlockException(BlockErrorKind.InvalidOptions, $"file URI has bad offset {text[(at + Option.Length)..]}");
    }
}
