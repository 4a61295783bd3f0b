using System.Runtime.CompilerServices;
using Tidemark.Bitmaps;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Block.Graph;

/// <summary>
/// A node of the graph: one driver at work, with a name, edges down to its children and up to its users, and its dirty
/// bitmaps. It checks and cuts requests once, for all drivers, and marks bitmaps; the verbs are in Block/Io, one file each.
/// Belongs to the graph's loop.
/// </summary>
public sealed partial class BlockNode : IBlockParent
{
    private readonly List<BlockChild> children = [];
    private readonly List<BlockChild> parents = [];
    private BlockDriver? driver;
    private IDebugEventListener? debugListener;
    private BlockLimits limits = BlockLimits.Default;
    private int references = 1;
    private bool isMarkedReadOnly;

    internal BlockNode(BlockGraph graph, DriverDefinition definition, NodeOptions options)
    {
        Graph = graph;
        Definition = definition;
        Options = options;
        isMarkedReadOnly = options.ReadOnly;
        ExplicitOptions = options.Explicit;
    }

    /// <summary>The graph it belongs to.</summary>
    public BlockGraph Graph { get; }

    /// <summary>Node name, given or generated ("#block123"); empty while a node that is being opened has none yet.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>Its name for people: that of the device whose content it is, else its own.</summary>
    public string DeviceOrNodeName =>
        parents.Find(static edge => edge.Parent is BlockBackend { Name.Length: > 0 })?.Parent is BlockBackend device
            ? device.Name
            : Name;

    /// <summary>Its driver's definition.</summary>
    public DriverDefinition Definition { get; }

    /// <summary>Its driver at work.</summary>
    public BlockDriver Driver => driver ?? throw Invariant.Unreachable("an open node has its driver");

    /// <summary>Whether opening has finished and closing not begun.</summary>
    public bool IsOpen => driver is not null;

    /// <summary>The options it works under.</summary>
    public NodeOptions Options { get; internal set; }

    /// <summary>The options as the user or the image gave them, before the parent's were filled in.</summary>
    public JsonObject ExplicitOptions { get; internal set; }

    /// <summary>
    /// The node as whose child it was opened, by options inside that one's or by the name in its image; null for one with a life of its
    /// own. What is reopened takes such a child along, also when it is told the child's name only.
    /// </summary>
    internal BlockNode? OpenedFor { get; set; }

    /// <summary>Whether writes are refused now: by option, by the medium, or because the node is inactive.</summary>
    public bool IsReadOnly => isMarkedReadOnly || IsInactive;

    /// <summary>Whether writes are refused by option or by the medium, also once the node is active.</summary>
    public bool IsMarkedReadOnly => isMarkedReadOnly;

    /// <summary>
    /// Whether another process has the image, be it that a migration has not come here yet or has gone from here: nothing is
    /// written, no lock is held, and what was read of the image's metadata may be out of date. See BlockGraph.Activation.
    /// </summary>
    public bool IsInactive { get; internal set; }

    /// <summary>Whether a reopen under way makes a writable node read-only: who still writes refuses that.</summary>
    internal bool IsTurningReadOnly { get; set; }

    /// <summary>Whether it stands over a child of the same content.</summary>
    public bool IsFilter => Definition.Kind == DriverKind.Filter;

    /// <summary>Whether a job made it without a name of the user's: names of images look through it.</summary>
    public bool IsImplicit { get; init; }

    /// <summary>Whether somebody outside the graph sends requests to it: an export, a device, a job's copying. Holds don't count.</summary>
    public bool HasBackend => parents.Exists(static edge => edge.Parent is BlockBackend { JobId: null });

    /// <summary>Whether nothing but such users stands above it: no node, no job.</summary>
    public bool IsRoot => parents.TrueForAll(static edge => edge.Parent is BlockBackend { JobId: null });

    /// <summary>Whether blockdev-add made it, so that only blockdev-del ends it.</summary>
    public bool IsMonitorOwned { get; internal set; }

    /// <summary>Size of the content, bytes.</summary>
    public long SizeBytes => Driver.SizeBytes;

    /// <summary>What a request may be: the driver's limits.</summary>
    public BlockLimits Limits => limits;

    /// <summary>Its dirty bitmaps.</summary>
    public DirtyBitmapSet Bitmaps { get; private set; } = null!; // Attach sets it before anyone sees the node

    /// <summary>Edges down, in the order in which they were attached.</summary>
    public IReadOnlyList<BlockChild> Children => children;

    /// <summary>Edges up.</summary>
    public IReadOnlyList<BlockChild> Parents => parents;

    /// <summary>The child that stands for the node's storage: "file" or the filtered child.</summary>
    public BlockChild? PrimaryChild => children.Find(static c => (c.Role & ChildRole.Primary) != 0) ?? FilteredChild;

    /// <summary>The child under a filter, or null.</summary>
    public BlockChild? FilteredChild => IsFilter ? children.Find(static c => (c.Role & ChildRole.Filtered) != 0) : null;

    /// <summary>The backing file's edge, or null.</summary>
    public BlockChild? BackingChild => children.Find(static c => (c.Role & ChildRole.Cow) != 0);

    /// <summary>Where to read what this node does not have: the backing file, or what a filter stands over.</summary>
    public BlockNode? NextInChain => (FilteredChild ?? BackingChild)?.Node;

    /// <inheritdoc/>
    public string ParentDescription => $"node '{Name}'";

    BlockNode? IBlockParent.ParentNode => this;

    /// <summary>Whether its bytes lie in a host's file that goes through the page cache: processors do the work there, no device.</summary>
    internal bool IsCachedFile =>
        PrimaryChild is { } below ? below.Node.IsCachedFile : Driver.HostFile is { RequestAlignment: 1 };

    /// <summary>The child of this name, or null.</summary>
    public BlockChild? FindChild(string name) => children.Find(c => c.Name == name);

    /// <summary>
    /// Whether somebody listens to <see cref="RaiseAsync"/>: blkdebug serves the node. Ways that can't wait are then left to
    /// those that can, so that a request can be held at any event.
    /// </summary>
    public bool IsWatched
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => debugListener is not null;
    }

    /// <summary>For drivers: the node is at this point of its work. Costs a look at a field unless <see cref="IsWatched"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ValueTask RaiseAsync(DebugEvent happening) => debugListener?.OnDebugEventAsync(happening) ?? default;

    /// <summary>Reads the driver's limits anew (after a reopen or resize).</summary>
    public void RefreshLimits()
    {
        limits = Driver.Limits;
        Invariant.That(int.IsPow2(limits.RequestAlignment) && int.IsPow2(limits.MemoryAlignment), "alignments are powers of two");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Definition.Name})";

    /// <summary>For drivers, while they open or reopen: whether the medium lets itself be written after all.</summary>
    public void MarkReadOnly(bool isReadOnly) => isMarkedReadOnly = isReadOnly;

    internal void Attach(BlockDriver opened)
    {
        driver = opened;
        debugListener = opened as IDebugEventListener;
        RefreshLimits();
        // A driver that loads stored bitmaps has set the set up itself.
        Bitmaps ??= new DirtyBitmapSet(opened.SizeBytes);
        Bitmaps.ClusterSize = opened.ClusterSize;
    }

    /// <summary>After an activation, under which the size may have changed.</summary>
    internal void Activate(BlockDriver activated)
    {
        Attach(activated);
        if (Bitmaps.SizeBytes != activated.SizeBytes)
        {
            Bitmaps.Truncate(activated.SizeBytes);
        }
    }

    /// <summary>For drivers that load stored bitmaps while opening: the set, for a content of <paramref name="sizeBytes"/>.</summary>
    public DirtyBitmapSet PrepareBitmaps(long sizeBytes) => Bitmaps ??= new DirtyBitmapSet(sizeBytes);

    internal void Detach() => driver = null;

    internal void AddChild(BlockChild edge) => children.Add(edge);

    internal void RemoveChild(BlockChild edge) => _ = children.Remove(edge);

    internal void AddParent(BlockChild edge) => parents.Add(edge);

    internal void RemoveParent(BlockChild edge) => _ = parents.Remove(edge);

    /// <summary>Keeps the node open until <see cref="BlockGraph.ReleaseAsync"/>, one more time.</summary>
    public void AddReference() => references++;

    internal bool IsLastReference => references == 1;

    internal bool DropReference()
    {
        Invariant.That(references > 0, "references are dropped once each");
        return --references == 0;
    }
}
