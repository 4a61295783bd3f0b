namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>An entry of the snapshot table as far as a check needs it (qcow2 spec, "Snapshots").</summary>
/// <param name="L1Offset">Offset of its L1 table, bytes.</param>
/// <param name="L1Entries">Entries of that table.</param>
/// <param name="Id">Its identifier.</param>
/// <param name="Name">Its name.</param>
internal sealed record SnapshotEntry(long L1Offset, long L1Entries, string Id, string Name);
