using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using Tidemark.Nbd.Handshake;

namespace Tidemark.Exports.Nbd;

/// <summary>A listening NBD server: accepts connections up to its limit and runs them. On one loop.</summary>
public sealed class NbdServer
{
    private readonly ChannelListener listener;
    private readonly List<NbdExport> exports = [];
    private readonly List<NbdConnection> connections = [];
    private readonly LoopSignal connectionEnded = new();
    private readonly Directory directory;
    private Task accepting = Task.CompletedTask;
    private bool isHeld;
    private bool isStopping;

    private NbdServer(IoEngine engine, NbdServerOptions options, ChannelListener listener)
    {
        (Engine, Options, this.listener) = (engine, options, listener);
        directory = new Directory(exports);
    }

    /// <summary>How it was started.</summary>
    public NbdServerOptions Options { get; }

    /// <summary>Where it really listens.</summary>
    public SocketAddress Address => listener.Address;

    /// <summary>Connections now, those in the handshake included.</summary>
    public int Connections => connections.Count;

    internal IoEngine Engine { get; }

    internal ExportDirectory Exports => directory;

    internal TimeSpan HandshakeTimeout => Options.HandshakeTimeout ?? Limits.HandshakeTimeout;

    /// <summary>
    /// Listens and begins to accept, when it is held not before <see cref="Admit"/>. Throws <see cref="BlockException"/> when it can't.
    /// </summary>
    internal static async ValueTask<NbdServer> StartAsync(IoEngine engine, NbdServerOptions options, bool isHeld)
    {
        var opened = await engine.ListenAsync(options.Address, Limits.ListenBacklog);
        var server = new NbdServer(engine, options, opened) { isHeld = isHeld };
        server.accepting = server.AcceptLoopAsync();
        return server;
    }

    /// <summary>Lets clients in.</summary>
    internal void Admit()
    {
        isHeld = false;
        connectionEnded.Wake();
    }

    /// <summary>Listens no more and cuts off whoever is connected. Exports are removed before.</summary>
    internal async ValueTask StopAsync()
    {
        isStopping = true;
        await listener.DisposeAsync();
        connectionEnded.Wake();
        foreach (var connection in connections)
        {
            connection.CutOff();
        }
        while (connections.Count > 0)
        {
            await connectionEnded.WaitAsync();
        }
        await accepting;
    }

    internal void Add(NbdExport export) => exports.Add(export);

    internal void Remove(NbdExport export) => _ = exports.Remove(export);

    internal OfferedExport? Find(string name) => directory.Find(name);

    private async Task AcceptLoopAsync()
    {
        while (!isStopping)
        {
            if (isHeld || (Options.MaxConnections > 0 && connections.Count >= Options.MaxConnections))
            {
                await connectionEnded.WaitAsync();
                continue;
            }
            if (await listener.AcceptAsync() is { } channel)
            {
                var connection = new NbdConnection(this, channel);
                connections.Add(connection);
                LoopContext.Launch(() => ServeAsync(connection));
            }
        }
    }

    private async Task ServeAsync(NbdConnection connection)
    {
        await connection.RunAsync();
        _ = connections.Remove(connection);
        connectionEnded.Wake();
    }

    private sealed class Directory(List<NbdExport> exports) : ExportDirectory
    {
        public override IReadOnlyCollection<OfferedExport> List => exports.ConvertAll(static OfferedExport (e) => e.Offer);

        public override OfferedExport? Find(string name) => exports.Find(e => e.Offer.Name == name)?.Offer;
    }
}
