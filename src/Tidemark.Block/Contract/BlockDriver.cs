using Tidemark.Block.Accounting;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Io.Contract;

namespace Tidemark.Block.Contract;

/// <summary>
/// What a node does: the code of one driver for one node. The node has checked bounds, aligned and cut the request to
/// <see cref="Limits"/> before it calls a verb, and marks bitmaps after it; drivers only act. All on the graph's loop; a
/// verb is complete on return whenever it need not wait. Memory belongs to the verb until its task ends.
/// </summary>
public abstract partial class BlockDriver(BlockNode node)
{
    /// <summary>The node that this driver serves.</summary>
    public BlockNode Node { get; } = node;

    /// <summary>Size of the content, bytes.</summary>
    public abstract long SizeBytes { get; }

    /// <summary>What a single request may be. Read once after opening and again after a resize or reopen.</summary>
    public virtual BlockLimits Limits => BlockLimits.Default;

    /// <summary>Size of the unit of allocation, bytes; 0 where there is none. Backup copies in units of the target's.</summary>
    public virtual int ClusterSize => 0;

    /// <summary>Whether <see cref="ClusterSize"/> is all there is to know: false where what lies behind the node may have units that it does not tell.</summary>
    public virtual bool TellsClusterSize => Node.FilteredChild?.Node.Driver.TellsClusterSize ?? true;

    /// <summary>Whether the node, not its backing file, answers for runs beyond what it has: false means that unallocated reads as zeroes at the latest at the end of the chain.</summary>
    public virtual bool UnallocatedReadsAsZeroes => false;

    /// <summary>Whether FUA is honoured by writes and zero writes; otherwise the node flushes after them.</summary>
    public virtual bool SupportsFua => false;

    /// <summary>Whether a write beyond the end grows the node (protocols).</summary>
    public virtual bool CanGrow => false;

    /// <summary>Whether it can write compressed clusters (<see cref="RequestFlags.Compressed"/>).</summary>
    public virtual bool SupportsCompression => false;

    /// <summary>The host's file, where the node's bytes are that file's bytes at the same offsets (the file driver), else null.</summary>
    public virtual StorageFile? HostFile => null;

    /// <summary>
    /// Where the bytes of the range lie, if that is one run of a host's file and stays so as long as nobody writes there: for drivers
    /// that neither move nor save data. Null where that can't be said at once.
    /// </summary>
    public virtual HostPlace? FindHostPlace(ByteRange range) => null;

    /// <summary>The discards that were passed on to storage, or null from a driver that reaches none.</summary>
    public virtual DiscardCounts? Discards => null;

    /// <summary>Bytes that the content takes on the host, or -1 if unknown.</summary>
    public virtual long AllocatedBytes => Node.PrimaryChild is { } child ? child.Node.Driver.AllocatedBytes : -1;

    /// <summary>The file name from which this node alone could be opened with default options, or null (then a json: name is made).</summary>
    public virtual string? ExactFilename =>
        Node.IsFilter || Node.PrimaryChild?.Node.Definition.IsNamedByFile == true
            ? Node.PrimaryChild?.Node.Driver.ExactFilename
            : null;

    /// <summary>What an edge from this node requires and shares; by default the rule of filters or of formats.</summary>
    public virtual ChildPermissions GetChildPermissions(BlockChild child, BlockPermissions required, BlockPermissions shared) =>
        (child.Role & ChildRole.Filtered) != 0
            ? ChildPermissions.ForFilter(required, shared)
            : ChildPermissions.ForFormat(child.Role, !Node.IsReadOnly, required, shared);

    /// <summary>Fills <paramref name="target"/>, which is as long as the range.</summary>
    public abstract ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags);

    /// <summary>Writes <paramref name="data"/>, which is as long as the range.</summary>
    public virtual ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags) =>
        new(IoStatus.NotSupported);

    /// <summary>Makes the range read as zeroes; <see cref="IoStatus.NotSupported"/> lets the node write them instead.</summary>
    public virtual ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags) => new(IoStatus.NotSupported);

    /// <summary>Lets go of the range's content; what is read there afterwards is the driver's choice. NotSupported counts as done.</summary>
    public virtual ValueTask<IoStatus> DiscardAsync(ByteRange range) => new(IoStatus.NotSupported);

    /// <summary>Copies bytes of a host file inside the kernel to the range, which lies in the node; NotSupported where this driver can't.</summary>
    public virtual ValueTask<IoStatus> CopyFromHostAsync(ByteRange range, StorageFile source, long sourceOffset) =>
        new(IoStatus.NotSupported);

    /// <summary>Whether a flush of this node flushes <paramref name="child"/> too, given that it writes there.</summary>
    public virtual bool FlushesThrough(BlockChild child) => true;

    /// <summary>Writes cached metadata to the children (they are flushed afterwards).</summary>
    public virtual ValueTask<IoStatus> FlushToOsAsync() => new(IoStatus.Ok);

    /// <summary>Makes durable what this driver wrote to a medium of its own. Not called with cache.no-flush.</summary>
    public virtual ValueTask<IoStatus> FlushToDiskAsync() => new(IoStatus.Ok);

    /// <summary>
    /// What is known of the run that begins at the range's offset. With <paramref name="wantZero"/> it pays to find out about
    /// zeroes, without it only allocation matters. By default: all data of this node, with no host offset.
    /// </summary>
    public virtual ValueTask<BlockStatus> BlockStatusAsync(ByteRange range, bool wantZero) =>
        new(new BlockStatus(IoStatus.Ok, BlockStatusFlags.Data | BlockStatusFlags.Allocated, range.Length));

    /// <summary>
    /// Sets the size. With <paramref name="exact"/> a device of fixed size refuses any other. Throws <see cref="BlockException"/>.
    /// Growth reads as zeroes.
    /// </summary>
    public virtual ValueTask TruncateAsync(long sizeBytes, bool exact, PreallocationMode preallocation) =>
        throw new BlockException(BlockErrorKind.NotSupported, "Image format driver does not support resize");

    /// <summary>Checks that the node can give and bear these; throws <see cref="BlockException"/>. Followed by Set or Abort.</summary>
    public virtual void CheckPermissions(BlockPermissions required, BlockPermissions shared) { }

    /// <summary>Takes up what was checked.</summary>
    public virtual void SetPermissions(BlockPermissions required, BlockPermissions shared) { }

    /// <summary>Forgets what was checked.</summary>
    public virtual void AbortPermissions() { }

    /// <summary>
    /// Makes requests that wait for a peer fail now, so that a drain or a forced cancel need not wait for it.
    /// </summary>
    public virtual void CancelInFlight() { }

    /// <summary>
    /// Somebody waits for requests to end: those that the driver holds back by a limit of its own go ahead, and none is held until
    /// <see cref="RestoreLimits"/>. Nests.
    /// </summary>
    public virtual void LiftLimits() { }

    /// <summary>Undoes one <see cref="LiftLimits"/>.</summary>
    public virtual void RestoreLimits() { }

    /// <summary>Writes back and lets go of everything but the children, which the node closes afterwards. Errors are for the log; called once.</summary>
    public virtual ValueTask CloseAsync() => ValueTask.CompletedTask;
}
