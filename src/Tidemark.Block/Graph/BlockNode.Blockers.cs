using Tidemark.Core.Errors;

namespace Tidemark.Block.Graph;

public sealed partial class BlockNode
{
    private readonly List<string> blockers = [];

    /// <summary>Why commands may not use or delete the node just now ("block device is in use by block job: backup"), or null.</summary>
    public string? BlockedBy => blockers.Count == 0 ? null : blockers[0];

    /// <summary>Throws "Node 'x' is busy: …" while somebody blocks the node.</summary>
    public void RequireUnblocked()
    {
        if (BlockedBy is { } reason)
        {
            throw new BlockException(BlockErrorKind.InUse, $"Node '{Name}' is busy: {reason}");
        }
    }

    /// <summary>Keeps commands off the node until <see cref="RemoveBlocker"/> with the same reason.</summary>
    public void AddBlocker(string reason) => blockers.Add(reason);

    /// <summary>Undoes one <see cref="AddBlocker"/>.</summary>
    public void RemoveBlocker(string reason) => Invariant.That(blockers.Remove(reason), "a blocker is taken away once");
}
