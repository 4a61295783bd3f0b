using Tidemark.Core.Errors;

namespace Tidemark.Io.Contract;

/// <summary>
/// An open file or block device. A verb is complete on return whenever the operation can't block; many may be under way
/// at once, in no order between each other. Offsets and lengths are bytes. Memory belongs to the verb until its task ends.
/// </summary>
public abstract class StorageFile : IAsyncDisposable
{
    /// <summary>Path as opened.</summary>
    public abstract string Path { get; }

    /// <summary>Whether it is a block or character device (its size is fixed, truncating it only checks).</summary>
    public bool IsDevice => Kind is FileKind.BlockDevice or FileKind.CharacterDevice;

    /// <summary>What the path turned out to be.</summary>
    public abstract FileKind Kind { get; }

    /// <summary>Bytes that offset and length of each read and write must be multiples of; 1 unless opened direct.</summary>
    public abstract int RequestAlignment { get; }

    /// <summary>Bytes that memory addresses must be multiples of; 1 unless opened direct.</summary>
    public abstract int MemoryAlignment { get; }

    /// <summary>Size in bytes, asked of the kernel.</summary>
    public abstract long GetLength();

    /// <summary>Bytes that the file takes on its file system (st_blocks × 512).</summary>
    public abstract long GetAllocatedLength();

    /// <summary>Fills all of <paramref name="target"/>; what lies behind the end of the file reads as zeroes.</summary>
    public abstract ValueTask<IoStatus> ReadAsync(long offset, Memory<byte> target);

    /// <summary>Writes all of <paramref name="data"/>, growing the file if it ends behind its end.</summary>
    public abstract ValueTask<IoStatus> WriteAsync(long offset, ReadOnlyMemory<byte> data);

    /// <summary>
    /// As <see cref="ReadAsync"/>, for a large request of some work in the background: it may be handed to a worker where it could
    /// be served in line, so that the loop stays with others and the copying has cores of its own.
    /// </summary>
    public virtual ValueTask<IoStatus> ReadInBackgroundAsync(long offset, Memory<byte> target) => ReadAsync(offset, target);

    /// <summary>As <see cref="WriteAsync"/>, in the way of <see cref="ReadInBackgroundAsync"/>.</summary>
    public virtual ValueTask<IoStatus> WriteInBackgroundAsync(long offset, ReadOnlyMemory<byte> data) => WriteAsync(offset, data);

    /// <summary>Makes everything that was written durable (fdatasync).</summary>
    public abstract ValueTask<IoStatus> FlushAsync();

    /// <summary>Deallocates; the range reads as zeroes afterwards. <see cref="IoStatus.NotSupported"/> where the file system can't.</summary>
    public abstract ValueTask<IoStatus> PunchHoleAsync(long offset, long length);

    /// <summary>
    /// Tells the file system or device that the range is no longer needed; what it reads as afterwards is undefined (holes in
    /// a file, BLKDISCARD on a block device). <see cref="IoStatus.NotSupported"/> where there is no such thing.
    /// </summary>
    public abstract ValueTask<IoStatus> DiscardAsync(long offset, long length);

    /// <summary>
    /// Makes the range read as zeroes without sending them, growing the file if need be; keeps it allocated unless
    /// <paramref name="mayUnmap"/>. <see cref="IoStatus.NotSupported"/> where the file system can't do it fast.
    /// </summary>
    public abstract ValueTask<IoStatus> WriteZeroesAsync(long offset, long length, bool mayUnmap);

    /// <summary>Reserves space (fallocate, mode 0), growing the file.</summary>
    public abstract ValueTask<IoStatus> AllocateAsync(long offset, long length);

    /// <summary>Sets the size; growth reads as zeroes.</summary>
    public abstract ValueTask<IoStatus> TruncateAsync(long length);

    /// <summary>
    /// Whether <paramref name="offset"/> lies in data or in a hole, and how far that goes (SEEK_DATA, SEEK_HOLE). All data
    /// up to the end where the file system doesn't tell. Behind the end: a hole of length 0.
    /// </summary>
    public abstract FileExtent FindExtent(long offset);

    /// <summary>
    /// Copies inside the kernel from <paramref name="source"/> (copy_file_range); <see cref="IoStatus.NotSupported"/> when the
    /// kernel can't between these two, and then nothing has been copied that matters.
    /// </summary>
    public abstract ValueTask<IoStatus> CopyFromAsync(StorageFile source, long sourceOffset, long offset, long length);

    /// <summary>
    /// Takes an open-file-description lock on one byte of the file: shared (readers, F_RDLCK) or none. Returns
    /// <see cref="IoStatus.Again"/> when somebody else holds it exclusively, <see cref="IoStatus.NotSupported"/> where there are none.
    /// </summary>
    public abstract IoStatus SetSharedLock(long offset, bool held);

    /// <summary>Whether some other open file description holds a lock on the byte that an exclusive one would collide with (F_OFD_GETLK with F_WRLCK).</summary>
    public abstract IoStatus TestExclusiveLock(long offset);

    /// <summary>Waits for no one: what is under way must have ended. Releases the locks and closes.</summary>
    public abstract ValueTask DisposeAsync();
}
