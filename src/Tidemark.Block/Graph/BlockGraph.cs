using System.Diagnostics.CodeAnalysis;
using Tidemark.Block.Contract;
using Tidemark.Block.Throttling;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Block.Graph;

/// <summary>
/// All block nodes of one loop, by name. Opening and closing are here (BlockGraph.Open), edges and permissions
/// (BlockGraph.Edges), drained sections (BlockGraph.Drain). Everything on the loop.
/// </summary>
public sealed partial class BlockGraph(IoEngine engine, DriverRegistry drivers) : IAsyncDisposable
{
    private readonly Dictionary<string, BlockNode> nodes = new(StringComparer.Ordinal);
    private readonly List<BlockNode> inOrder = [];
    private Action<string>? tell;
    private readonly List<BlockBackend> backends = [];
    private int generatedNames = 100;

    /// <summary>Files, sockets, time.</summary>
    public IoEngine Engine { get; } = engine;

    /// <summary>The loop that everything runs on.</summary>
    public LoopContext Loop => Engine.Loop;

    /// <summary>The drivers at hand.</summary>
    public DriverRegistry Drivers { get; } = drivers;

    /// <summary>The bounds that throttle nodes share.</summary>
    public ThrottleGroups ThrottleGroups { get; } = new(engine.Loop);

    /// <summary>All nodes, the oldest first.</summary>
    public IReadOnlyList<BlockNode> Nodes => inOrder;

    /// <summary>All backends, the oldest first.</summary>
    public IReadOnlyList<BlockBackend> Backends => backends;

    /// <summary>A line for the log that no request waits for (a bitmap that could not be stored).</summary>
    public Action<string> Warn { get; set; } = static _ => { };

    /// <summary>Called with lines that drivers give in full, for standard error as they stand; by default they are warnings.</summary>
    public Action<string> Tell
    {
        get => tell ?? Warn;
        set => tell = value;
    }

    /// <summary>A line for standard output: an image that a command made for itself.</summary>
    public Action<string> Announce { get; set; } = static _ => { };

    /// <summary>Takes note of damage that a driver found at work, for the event BLOCK_IMAGE_CORRUPTED.</summary>
    public Action<ImageCorruption> ReportCorruption { get; set; } = static _ => { };

    /// <summary>
    /// Takes note of a write beyond a node's <see cref="BlockNode.WriteThreshold"/>, for the event BLOCK_WRITE_THRESHOLD: the node, the
    /// threshold, and how many bytes beyond it the write ended.
    /// </summary>
    public Action<BlockNode, ulong, ulong> ReportWriteThreshold { get; set; } = static (_, _, _) => { };

    /// <summary>The node of this name, or that of the drive of this name, if that has one.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out BlockNode? node)
    {
        node = FindDrive(name) is { } drive ? (drive.HasMedium ? drive.Node : null) : FindNode(name);
        return node is not null;
    }

    /// <summary>
    /// The node of this name, or that of the drive of this name; throws "Cannot find device='x' nor node-name='x'", or "Device 'x' has
    /// no medium".
    /// </summary>
    public BlockNode Require(string name) => Require(name, name);

    /// <summary>
    /// The node of the device <paramref name="device"/>, else that of exactly this node name, as commands with both arguments look
    /// it up; "" where one is not given. Throws "Cannot find device='x' nor node-name='y'", or "Device 'x' has no medium".
    /// </summary>
    public BlockNode Require(string device, string nodeName)
    {
        if (FindDrive(device) is { } drive)
        {
            return drive.HasMedium
                ? drive.Node
                : throw new BlockException(BlockErrorKind.NotFound, $"Device '{device}' has no medium");
        }
        return FindNode(nodeName)
            ?? throw new BlockException(BlockErrorKind.NotFound, $"Cannot find device='{device}' nor node-name='{nodeName}'");
    }

    /// <summary>The node of exactly this node name; throws "Cannot find device='' nor node-name='x'".</summary>
    public BlockNode RequireNode(string nodeName) =>
        FindNode(nodeName)
        ?? throw new BlockException(BlockErrorKind.NotFound, $"Cannot find device='' nor node-name='{nodeName}'");

    /// <summary>The node of exactly this node name, or null; backends' names do not count.</summary>
    public BlockNode? FindNode(string nodeName) => nodes.GetValueOrDefault(nodeName);

    private BlockBackend? FindDrive(string name) => name.Length > 0 ? backends.Find(b => b.Name == name) : null;

    /// <summary>Closes everything that is left, users before what they use. Backends must be gone.</summary>
    public async ValueTask DisposeAsync()
    {
        // All data first: a bitmap that is stored when its image closes may say that another image has a copy.
        foreach (var node in inOrder.Where(static n => n.IsOpen && !n.IsReadOnly && n.Parents.Count == 0).ToArray())
        {
            _ = await node.FlushAsync();
        }
        while (inOrder.Count > 0)
        {
            var root =
                inOrder.FindLast(static n => n.Parents.Count == 0)
                ?? throw Invariant.Unreachable("a graph has no cycles and no backend is left");
            root.IsMonitorOwned = false;
            while (nodes.ContainsKey(root.Name))
            {
                await ReleaseAsync(root);
            }
        }
    }

    internal string GenerateName()
    {
        string name;
        do
        {
            name = $"#block{generatedNames++:000}";
        } while (nodes.ContainsKey(name));
        return name;
    }

    internal void Register(BlockNode node)
    {
        nodes.Add(node.Name, node);
        inOrder.Add(node);
    }

    internal void Unregister(BlockNode node)
    {
        if (inOrder.Remove(node))
        {
            _ = nodes.Remove(node.Name);
        }
    }

    internal void Register(BlockBackend backend) => backends.Add(backend);

    internal void Unregister(BlockBackend backend) => _ = backends.Remove(backend);
}
