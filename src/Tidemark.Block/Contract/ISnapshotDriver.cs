namespace Tidemark.Block.Contract;

/// <summary>
/// A driver whose image can hold internal snapshots. Snapshots are taken and applied while no request is under way (in a drained
/// section, or by the node's only user). All throw <see cref="Core.Errors.BlockException"/>.
/// </summary>
public interface ISnapshotDriver
{
    /// <summary>The snapshots that the image has, the oldest first.</summary>
    IReadOnlyList<SnapshotInfo> Snapshots { get; }

    /// <summary>Keeps the disk as it is. The image gives the id; it comes back in the result.</summary>
    ValueTask<SnapshotInfo> CreateSnapshotAsync(SnapshotInfo wanted);

    /// <summary>Lets go of a snapshot.</summary>
    ValueTask DeleteSnapshotAsync(SnapshotInfo snapshot);

    /// <summary>Makes the disk what it was, its size too; what it is now is lost unless another snapshot has it.</summary>
    ValueTask ApplySnapshotAsync(SnapshotInfo snapshot);

    /// <summary>Lets a read-only node show the snapshot in place of the disk, for as long as it is open.</summary>
    ValueTask ShowSnapshotAsync(SnapshotInfo snapshot);
}
