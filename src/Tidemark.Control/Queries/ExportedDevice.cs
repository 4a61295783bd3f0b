using Tidemark.Block.Accounting;
using Tidemark.Block.Graph;
using Tidemark.Control.Devices;

namespace Tidemark.Control.Queries;

/// <summary>A drive of the machine, or a node that is exported, seen as a guest's device.</summary>
/// <param name="Name">The device's name: the drive's, or the exported node's, also while a job's filter stands above it.</param>
/// <param name="Node">What it reaches: that node, or the filter; null for a drive without a medium.</param>
/// <param name="Users">The requests of each of its users.</param>
internal sealed record ExportedDevice(string Name, BlockNode? Node, IReadOnlyList<BlockAccounting> Users)
{
    /// <summary>The machine's drive, null for an export.</summary>
    public GuestDrive? Drive { get; init; }
}
