using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Io.Contract;

namespace Tidemark.Block.Contract;

/// <summary>What a driver has in hand while a node of it is opened.</summary>
public sealed partial class NodeOpenContext
{
    internal NodeOpenContext(BlockNode node, NodeOptions options, OpenDefaults defaults)
    {
        Node = node;
        Options = options;
        Defaults = defaults;
    }

    /// <summary>The node that is being opened; it has no driver yet.</summary>
    public BlockNode Node { get; }

    /// <summary>Its options.</summary>
    public NodeOptions Options { get; }

    /// <summary>The graph it belongs to.</summary>
    public BlockGraph Graph => Node.Graph;

    /// <summary>Files, sockets, time.</summary>
    public IoEngine Engine => Node.Graph.Engine;

    /// <summary>How far implicit opening may go.</summary>
    public OpenDefaults Defaults { get; }

    /// <summary>
    /// Attaches the child that the options name: an existing node by reference, or a new one from inline options. Throws
    /// "A block device must be specified for "file"" when it is missing and required.
    /// </summary>
    public async ValueTask<BlockChild> AttachChildAsync(string name, ChildRole role) =>
        await AttachOptionalChildAsync(name, role)
        ?? throw new BlockException(BlockErrorKind.InvalidOptions, $"A block device must be specified for \"{name}\"");

    /// <summary>As <see cref="AttachChildAsync"/>, but null when the options do not have it or say null.</summary>
    public async ValueTask<BlockChild?> AttachOptionalChildAsync(string name, ChildRole role)
    {
        if (!Options.DriverOptions.TryGetValue(name, out var reference) || reference is JsonNull)
        {
            return null;
        }
        if (name != "file")
        {
            Graph.GiveName(Node);
        }
        return await AttachReferenceAsync(name, role, reference);
    }

    /// <summary>Attaches what <paramref name="reference"/>, a node name or inline options, stands for. Throws <see cref="BlockException"/>.</summary>
    public async ValueTask<BlockChild> AttachReferenceAsync(string name, ChildRole role, JsonValue reference)
    {
        var (child, isNew) = reference switch
        {
            JsonString nodeName => (Graph.Require(nodeName.Value), false),
            JsonObject options => (await Graph.OpenChildAsync(options, Node, Options, role, Defaults), true),
            _ => throw new BlockException(
                BlockErrorKind.InvalidOptions,
                $"Invalid parameter type for '{name}', expected: string or object"
            ),
        };
        try
        {
            Graph.GiveName(Node);
            return Graph.AttachWhileOpening(Node, name, role, child);
        }
        finally
        {
            if (isNew)
            {
                // The edge holds the node now, or nothing does and it closes.
                await Graph.ReleaseAsync(child);
            }
        }
    }
}
