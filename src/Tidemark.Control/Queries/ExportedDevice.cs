using Tidemark.Block.Accounting;
using Tidemark.Block.Graph;

namespace Tidemark.Control.Queries;

/// <summary>A node that is exported, seen as a guest's device.</summary>
/// <param name="Name">The device's name: the node's, also while a job's filter stands above it.</param>
/// <param name="Node">What its exports reach: that node, or the filter.</param>
/// <param name="Users">The requests of each of its exports.</param>
internal sealed record ExportedDevice(string Name, BlockNode Node, IReadOnlyList<BlockAccounting> Users)
{
    /// <summary>Whether it is a machine's disk that no device of a guest holds, so that its medium could be taken out.</summary>
    public bool IsRemovable { get; init; }
}
