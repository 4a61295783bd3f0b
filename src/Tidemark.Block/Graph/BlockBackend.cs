using Tidemark.Block.Accounting;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;

namespace Tidemark.Block.Graph;

/// <summary>
/// A user of a node from outside the graph: an export, a job, a device, a command line. It holds the node by a "root" edge
/// with permissions, checks bounds, and holds its requests back while the node is drained; the verbs are in
/// BlockBackend.Requests. Belongs to the graph's loop.
/// </summary>
public sealed partial class BlockBackend : IBlockParent, IAsyncDisposable
{
    private readonly string? description;
    private BlockChild? root;
    private int quiesced;
    private int inFlight;
    private bool isDisposed;
    private RequestFlags impliedFlags;

    private BlockBackend(BlockGraph graph, string name, string? description, string? jobId, bool allowsInactive = false)
    {
        Graph = graph;
        AllowsInactive = allowsInactive;
        Name = name;
        JobId = jobId;
        Accounting = new BlockAccounting(graph.Loop.Time);
        this.description = description;
    }

    /// <summary>The graph it belongs to.</summary>
    public BlockGraph Graph { get; }

    /// <summary>Its name as a drive, empty for the backends of exports and jobs.</summary>
    public string Name { get; }

    /// <summary>Id of the guest's device that uses it, or the path to that; empty where there is none.</summary>
    public string DeviceId { get; set; } = "";

    /// <summary>How the graph and permission conflicts call it: its name, else the device's.</summary>
    public string Label => Name.Length > 0 ? Name : DeviceId;

    /// <summary>
    /// The job on whose behalf it holds the node without sending requests (the edge says as what); null for all others. Such a hold
    /// is no user's: commands are kept off by blockers, with the reason.
    /// </summary>
    public string? JobId { get; }

    /// <summary>
    /// Whether the node may be inactive while it is used: its permissions are taken up when the node turns active, and until then the
    /// user only reads. Devices allow it, since they come before a migration does; who takes up an active node only may allow it later.
    /// </summary>
    public bool AllowsInactive { get; set; }

    /// <summary>Whether it has a node: only a drive whose medium was taken out has none, see <see cref="RemoveAsync"/>.</summary>
    public bool HasMedium => root is not null;

    /// <summary>The node it uses; changes when a filter is put above that.</summary>
    public BlockNode Node => Root.Node;

    /// <summary>Its edge.</summary>
    public BlockChild Root => root ?? throw Invariant.Unreachable("a backend is used before it is disposed, with a medium");

    /// <summary>The requests of whoever uses it as a device; the user counts them, since only it knows where one ends.</summary>
    public BlockAccounting Accounting { get; }

    /// <summary>Size of the node, bytes.</summary>
    public long SizeBytes => Node.SizeBytes;

    /// <summary>
    /// Whether requests wait while the node is drained. Jobs turn it off: they stop at a place of their own choice, and what
    /// they have begun must be able to end.
    /// </summary>
    public bool HoldsBackWhileDrained { get; set; } = true;

    /// <summary>Whether each write is durable before it ends, as through a cache that does not keep writes back.</summary>
    public bool WritesThrough
    {
        get => impliedFlags != RequestFlags.None;
        set => impliedFlags = value ? RequestFlags.Fua : RequestFlags.None;
    }

    /// <summary>Called when a drain begins, ends, and to learn whether more than this backend's requests must end first.</summary>
    public IDrainListener? DrainListener { get; set; }

    /// <summary>Called after the node's size has changed.</summary>
    public Action? Resized { get; set; }

    /// <summary>Whether a drained section is open.</summary>
    public bool IsDrained => quiesced > 0;

    /// <summary>Requests under way.</summary>
    public int InFlight => inFlight;

    /// <inheritdoc/>
    public string ParentDescription => description ?? (Label.Length > 0 ? $"block device '{Label}'" : "an unnamed block device");

    BlockNode? IBlockParent.ParentNode => null;

    bool IBlockParent.IsBusy => inFlight > 0 || DrainListener is { IsBusy: true };

    /// <summary>
    /// A backend on <paramref name="node"/>. Throws <see cref="BlockException"/> when its permissions conflict with those of others.
    /// </summary>
    /// <param name="node">The node to use.</param>
    /// <param name="required">What the user will do.</param>
    /// <param name="shared">What others may do meanwhile.</param>
    /// <param name="name">Name as a device, or empty.</param>
    /// <param name="description">How permission conflicts name the user; by default as an (unnamed) block device.</param>
    /// <param name="allowsInactive">See <see cref="AllowsInactive"/>; a device always does.</param>
    public static BlockBackend Create(
        BlockNode node,
        BlockPermissions required,
        BlockPermissions shared,
        string name = "",
        string? description = null,
        bool allowsInactive = false
    )
    {
        var backend = new BlockBackend(node.Graph, name, description, jobId: null, allowsInactive || name.Length > 0);
        return Create(backend, "root", node, required, shared);
    }

    /// <summary>
    /// A job's hold on <paramref name="node"/>, which keeps it there and gives the job's permissions a place. Throws
    /// <see cref="BlockException"/> when they conflict with those of others.
    /// </summary>
    /// <param name="node">The node to hold.</param>
    /// <param name="edge">As what: "main node", "intermediate node", "target", …; conflicts name it.</param>
    /// <param name="required">What the job does there.</param>
    /// <param name="shared">What others may do meanwhile.</param>
    /// <param name="jobId">Id of the job.</param>
    /// <param name="description">How permission conflicts name the job: "commit job 'j'".</param>
    public static BlockBackend CreateHold(
        BlockNode node,
        string edge,
        BlockPermissions required,
        BlockPermissions shared,
        string jobId,
        string description
    ) => Create(new BlockBackend(node.Graph, "", description, jobId), edge, node, required, shared);

    /// <summary>A drive without a medium; <see cref="Insert"/> gives it one. Requests end with <see cref="IoStatus.NoMedium"/>.</summary>
    public static BlockBackend CreateEmpty(BlockGraph graph, string name)
    {
        var backend = new BlockBackend(graph, name, description: null, jobId: null, allowsInactive: true);
        graph.Register(backend);
        return backend;
    }

    /// <summary>
    /// Takes <paramref name="node"/> for its medium; it has none. Throws <see cref="BlockException"/> when permissions conflict with
    /// those of others, and has none then.
    /// </summary>
    public void Insert(BlockNode node, BlockPermissions required, BlockPermissions shared)
    {
        Invariant.That(root is null, "a drive holds one medium");
        Attach("root", node, required, shared);
    }

    /// <summary>Waits until none of its requests is under way, and lets go of the medium; it may be given another one.</summary>
    public async ValueTask RemoveAsync()
    {
        if (root is not null)
        {
            await Graph.ReleaseAsync(await DetachAsync());
        }
    }

    private static BlockBackend Create(
        BlockBackend backend,
        string edgeName,
        BlockNode node,
        BlockPermissions required,
        BlockPermissions shared
    )
    {
        backend.Attach(edgeName, node, required, shared);
        node.Graph.Register(backend);
        return backend;
    }

    private void Attach(string edgeName, BlockNode node, BlockPermissions required, BlockPermissions shared)
    {
        var edge = BlockGraph.Link(this, edgeName, ChildRole.Filtered | ChildRole.Primary, node);
        root = edge;
        try
        {
            node.Graph.UpdatePermissions([node], new() { [edge] = new(required, shared) });
        }
        catch
        {
            BlockGraph.Unlink(edge);
            root = null;
            _ = node.DropReference();
            throw;
        }
    }

    /// <summary>Asks for other permissions; throws <see cref="BlockException"/> and keeps the old ones on a conflict.</summary>
    public void SetPermissions(BlockPermissions required, BlockPermissions shared) =>
        Graph.UpdatePermissions([Node], new() { [Root] = new(required, shared) });

    /// <summary>Waits until none of its requests is under way, and lets go of the node.</summary>
    public async ValueTask DisposeAsync()
    {
        if (isDisposed)
        {
            return;
        }
        isDisposed = true;
        var node = root is null ? null : await DetachAsync();
        Graph.Unregister(this);
        if (node is not null)
        {
            await Graph.ReleaseAsync(node);
        }
    }

    // The reference to the node is the caller's then.
    private async ValueTask<BlockNode> DetachAsync()
    {
        Graph.BeginAwaitingRequests();
        var lifted = BlockGraph.LiftAround([Node]);
        while (inFlight > 0)
        {
            await idle.WaitAsync();
        }
        BlockGraph.Restore(lifted);
        Graph.EndAwaitingRequests();
        var node = Node;
        BlockGraph.Unlink(Root);
        root = null;
        Graph.UpdatePermissions([node]);
        return node;
    }

    void IBlockParent.BeginDrain()
    {
        if (quiesced++ == 0)
        {
            DrainListener?.OnDrainBegin();
        }
    }

    void IBlockParent.EndDrain()
    {
        if (--quiesced == 0)
        {
            DrainListener?.OnDrainEnd();
            resumed.Wake();
        }
    }

    void IBlockParent.OnChildResized(BlockChild child) => Resized?.Invoke();
}
