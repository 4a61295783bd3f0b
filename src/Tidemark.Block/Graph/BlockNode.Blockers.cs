using Tidemark.Block.Contract;
using Tidemark.Core.Errors;

namespace Tidemark.Block.Graph;

public sealed partial class BlockNode
{
    private readonly List<string> blockers = [];

    /// <summary>
    /// Why a command may not do this to the node just now, or null: a job has it ("block device is in use by block job: backup"), or
    /// it is a backing file ("node is used as backing hd of 'x'"), which may be copied from and to but not go away, change its size
    /// or get another overlay.
    /// </summary>
    public string? BlockedFrom(BlockOperation operation) =>
        blockers.Count > 0 ? blockers[0]
        : operation
            is BlockOperation.Delete
                or BlockOperation.Resize
                or BlockOperation.ExternalSnapshot
                or BlockOperation.MirrorTarget
            ? BackingReason
        : null;

    /// <summary>Throws "Node 'x' is busy: …" while somebody keeps commands from doing this to the node.</summary>
    public void RequireUnblocked(BlockOperation operation)
    {
        if (BlockedFrom(operation) is { } reason)
        {
            throw new BlockException(BlockErrorKind.InUse, $"Node '{Name}' is busy: {reason}");
        }
    }

    /// <summary>Throws "Need a root block node" unless it <see cref="IsRoot"/>.</summary>
    public void RequireRoot()
    {
        if (!IsRoot)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "Need a root block node");
        }
    }

    /// <summary>Keeps commands off the node until <see cref="RemoveBlocker"/> with the same reason.</summary>
    public void AddBlocker(string reason) => blockers.Add(reason);

    /// <summary>Undoes one <see cref="AddBlocker"/>.</summary>
    public void RemoveBlocker(string reason) => Invariant.That(blockers.Remove(reason), "a blocker is taken away once");

    private string? BackingReason
    {
        get
        {
            foreach (var edge in Parents)
            {
                if ((edge.Role & ChildRole.Cow) != 0)
                {
                    return $"node is used as backing hd of '{edge.Parent.ParentNode?.Name}'";
                }
            }
            return null;
        }
    }
}
