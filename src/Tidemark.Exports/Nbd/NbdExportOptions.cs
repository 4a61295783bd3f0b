namespace Tidemark.Exports.Nbd;

/// <summary>How a node is exported over NBD (QMP block-export-add with type nbd).</summary>
/// <param name="Id">Id of the export.</param>
/// <param name="NodeName">The node, or the device that uses it.</param>
/// <param name="Name">Export name for clients; null is <paramref name="NodeName"/>.</param>
/// <param name="Description">A line for people, or null.</param>
/// <param name="Writable">Whether clients may write.</param>
/// <param name="Writethrough">Whether each write is durable before it is acknowledged.</param>
/// <param name="Bitmaps">Dirty bitmaps to offer as metadata contexts; they are busy until the export ends.</param>
/// <param name="AllocationDepth">Whether to offer the context qemu:allocation-depth.</param>
/// <param name="AllowInactive">Whether the node may be inactive: clients can read then, and nothing else. Otherwise it is activated.</param>
public sealed record NbdExportOptions(
    string Id,
    string NodeName,
    string? Name = null,
    string? Description = null,
    bool Writable = false,
    bool Writethrough = false,
    IReadOnlyList<NbdBitmapReference>? Bitmaps = null,
    bool AllocationDepth = false,
    bool AllowInactive = false
);
