using Tidemark.Block.Accounting;
using Tidemark.Block.Graph;

namespace Tidemark.Exports;

/// <summary>
/// A node that is offered to the world outside, whatever the protocol. It holds the node by a backend of its own. On the graph's loop.
/// </summary>
public abstract class BlockExport
{
    private protected BlockExport(string id, BlockBackend backend) => (Id, Backend) = (id, backend);

    /// <summary>Its id, unique among all exports.</summary>
    public string Id { get; }

    /// <summary>The kind, as QMP calls it: "nbd".</summary>
    public abstract string Type { get; }

    /// <summary>The node that it offers now; a filter put above it takes its place.</summary>
    public BlockNode Node => Backend.Node;

    /// <summary>Whether its end has begun: no new client gets in.</summary>
    public bool IsShuttingDown { get; private protected set; }

    /// <summary>Clients that use it now.</summary>
    public abstract int Clients { get; }

    /// <summary>Its clients' requests, counted as those of a guest's device.</summary>
    public BlockAccounting Accounting => Backend.Accounting;

    /// <summary>Its hold on the node.</summary>
    internal BlockBackend Backend { get; }

    /// <summary>Cuts clients off, waits for what they have begun, and lets go of node and bitmaps. Called once, by the registry.</summary>
    internal abstract ValueTask CloseAsync();
}
