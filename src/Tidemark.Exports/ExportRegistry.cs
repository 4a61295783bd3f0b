using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Exports.Nbd;

namespace Tidemark.Exports;

/// <summary>
/// All exports of a graph, and the NBD server of the daemon. Whoever runs commands (QMP, a command line) drives it; every
/// refusal is a <see cref="BlockException"/> in the reference's words. On the graph's loop.
/// </summary>
public sealed class ExportRegistry(BlockGraph graph)
{
    private readonly List<BlockExport> exports = [];
    private bool holdsClients;

    /// <summary>All exports, the newest first, those that are ending included.</summary>
    public IEnumerable<BlockExport> Exports => exports.AsEnumerable().Reverse();

    /// <summary>Called with its id when an export is gone, its node and bitmaps free again: BLOCK_EXPORT_DELETED.</summary>
    public Action<string> Deleted { get; set; } = static _ => { };

    /// <summary>The NBD server, or null while none runs.</summary>
    public NbdServer? NbdServer { get; private set; }

    /// <summary>
    /// Whether clients wait at the door: while a daemon reads its options, of which one may start the server and a later one add the
    /// export that they are after. A client who comes with the socket that the daemon is started for is there from the beginning.
    /// </summary>
    public bool HoldsClients
    {
        get => holdsClients;
        set
        {
            holdsClients = value;
            if (!value)
            {
                NbdServer?.Admit();
            }
        }
    }

    /// <summary>The export of this id, or null.</summary>
    public BlockExport? Find(string id) => exports.Find(e => e.Id == id);

    /// <summary>Starts the NBD server. Throws "NBD server already running", or why it can't listen.</summary>
    public async ValueTask StartNbdServerAsync(NbdServerOptions options)
    {
        if (NbdServer is not null)
        {
            throw new BlockException(BlockErrorKind.InUse, "NBD server already running");
        }
        var server = await NbdServer.StartAsync(graph.Engine, options, HoldsClients);
        if (NbdServer is not null)
        {
            await server.StopAsync();
            throw new BlockException(BlockErrorKind.InUse, "NBD server already running");
        }
        NbdServer = server;
    }

    /// <summary>Ends all NBD exports, hard, the oldest first, and the server. Throws "NBD server not running".</summary>
    public async ValueTask StopNbdServerAsync()
    {
        var server = NbdServer ?? throw NotRunning();
        NbdServer = null;
        await CloseAsync([.. exports.OfType<NbdExport>()]);
        await server.StopAsync();
    }

    /// <summary>
    /// Exports a node over the NBD server, which is activated for that unless the options allow it to be inactive. Throws when the
    /// server doesn't run, the id is malformed or taken, the node or a bitmap is missing or can't be used so, or permissions conflict;
    /// then nothing has changed, but that the node may be active.
    /// </summary>
    public async ValueTask<BlockExport> AddNbdAsync(NbdExportOptions options)
    {
        var (node, _) = Check(options);
        if (node.IsInactive && !options.AllowInactive)
        {
            await graph.ActivateAsync(node);
        }
        return AddNbd(options);
    }

    /// <summary>As <see cref="AddNbdAsync"/> for a node that is active, or may be as it is.</summary>
    public BlockExport AddNbd(NbdExportOptions options)
    {
        var (node, server) = Check(options);
        var export = NbdExport.Create(node, options, server);
        exports.Add(export);
        return export;
    }

    private (BlockNode Node, NbdServer Server) Check(NbdExportOptions options)
    {
        if (!ExportId.IsWellFormed(options.Id))
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "Invalid block export id");
        }
        if (Find(options.Id) is not null)
        {
            throw new BlockException(BlockErrorKind.InUse, $"Block export id '{options.Id}' is already in use");
        }
        if (!graph.TryFind(options.NodeName, out var node))
        {
            throw new BlockException(BlockErrorKind.NotFound, $"Cannot find device='' nor node-name='{options.NodeName}'");
        }
        if (options.Writable && node.IsMarkedReadOnly)
        {
            throw new BlockException(BlockErrorKind.AccessDenied, "Cannot export read-only node as writable");
        }
        return (node, NbdServer ?? throw NotRunning());
    }

    /// <summary>
    /// Removes an export. On return it is gone, unless clients had to be cut off: then it ends behind the caller's back and
    /// <see cref="Deleted"/> tells when. Throws when it isn't there, or in safe mode has clients.
    /// </summary>
    public async ValueTask RemoveAsync(string id, ExportRemoval mode)
    {
        var export = Find(id) ?? throw new BlockException(BlockErrorKind.NotFound, $"Export '{id}' is not found");
        if (export.Clients == 0)
        {
            await CloseAsync([export]);
            return;
        }
        if (mode == ExportRemoval.Safe)
        {
            throw new BlockException(BlockErrorKind.InUse, $"export '{id}' still in use")
            {
                Hint = "Use mode='hard' to force client disconnect",
            };
        }
        _ = CloseAsync([export]);
    }

    /// <summary>Ends everything: when the daemon quits.</summary>
    public async ValueTask CloseAllAsync()
    {
        if (NbdServer is not null)
        {
            await StopNbdServerAsync();
        }
        await CloseAsync([.. exports]);
    }

    private static BlockException NotRunning() => new(BlockErrorKind.NotFound, "NBD server not running");

    private async Task CloseAsync(IReadOnlyList<BlockExport> ending)
    {
        foreach (var export in ending)
        {
            // One that is ending already tells when it is done; here it is only waited for.
            var isFirst = !export.IsShuttingDown;
            await export.CloseAsync();
            if (isFirst)
            {
                _ = exports.Remove(export);
                Deleted(export.Id);
            }
        }
    }
}
