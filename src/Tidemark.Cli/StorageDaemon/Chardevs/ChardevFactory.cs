using System.Globalization;
using Tidemark.Cli.Options;
using Tidemark.Io.Contract;

namespace Tidemark.Cli.StorageDaemon.Chardevs;

/// <summary>Makes what --chardev describes.</summary>
internal static class ChardevFactory
{
    /// <summary>The kinds there are, for "--chardev help".</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["socket", "stdio", "null"];

    /// <summary>Makes it. Throws <see cref="CommandException"/> or <see cref="Core.Errors.BlockException"/>.</summary>
    public static async ValueTask<Chardev> CreateAsync(ChardevOptions options, IoEngine engine)
    {
        switch (options.Backend)
        {
            case "socket":
                return await CreateSocketAsync(options, engine);
            case "stdio":
                // The signal keys of a terminal always end the daemon, as they do with signal=on.
                options.AllowOnly();
                return new StdioChardev(options.Id, engine);
            case "null":
                options.AllowOnly();
                return new NullChardev(options.Id);
            case "":
                throw new CommandException($"chardev: \"{options.Id}\" missing backend");
            default:
                throw new CommandException($"'{options.Backend}' is not a valid char driver name");
        }
    }

    private static async ValueTask<Chardev> CreateSocketAsync(ChardevOptions options, IoEngine engine)
    {
        options.AllowOnly(
            "path",
            "abstract",
            "host",
            "port",
            "to",
            "ipv4",
            "ipv6",
            "nodelay",
            "fd",
            "server",
            "wait",
            "reconnect"
        );
        if (options.IsOn("nodelay") == false)
        {
            throw new CommandException("chardev: socket: 'nodelay=off' is not supported");
        }
        var address = Address(options);
        var reconnect = options.Seconds("reconnect");
        if (options.IsOn("server") != true)
        {
            if (options.IsOn("wait") is not null)
            {
                throw new CommandException("'wait' option is incompatible with socket in client connect mode");
            }
            TimeSpan? pause = reconnect is > 0 and { } seconds ? TimeSpan.FromSeconds(seconds) : null;
            return await ClientChardev.ConnectAsync(options.Id, engine, address, pause);
        }
        if (reconnect > 0)
        {
            throw new CommandException("'reconnect' option is incompatible with socket in server listen mode");
        }
        return await ServerChardev.ListenAsync(options.Id, engine, address, waits: options.IsOn("wait") != false);
    }

    private static SocketAddress Address(ChardevOptions options)
    {
        var (path, host, descriptor) = (options.Text("path"), options.Text("host"), options.Text("fd"));
        if ((path is null ? 0 : 1) + (host is null ? 0 : 1) + (descriptor is null ? 0 : 1) > 1)
        {
            throw new CommandException("None or one of 'path', 'fd' or 'host' option required.");
        }
        if (path is not null)
        {
            return new SocketAddress.Unix(path, options.IsOn("abstract") == true);
        }
        if (host is not null)
        {
            var port = options.Text("port") ?? throw new CommandException("chardev: socket: no port given");
            var inet = new InetOptions(
                host,
                port,
                To: options.Port("to"),
                Ipv4: options.IsOn("ipv4"),
                Ipv6: options.IsOn("ipv6")
            );
            return options.IsOn("server") == true ? inet.ToListen() : inet.ToConnect();
        }
        return int.TryParse(descriptor, NumberStyles.None, CultureInfo.InvariantCulture, out var inherited)
            ? new SocketAddress.Descriptor(inherited)
            : throw new CommandException($"Unable to parse FD number {descriptor}");
    }
}
