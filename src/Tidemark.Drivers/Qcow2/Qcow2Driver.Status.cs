using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Mapping;

namespace Tidemark.Drivers.Qcow2;

internal sealed partial class Qcow2Driver
{
    private bool? hasPreallocatedMetadata;

    /// <inheritdoc/>
    public override async ValueTask<BlockStatus> BlockStatusAsync(ByteRange range, bool wantZero)
    {
        if (Image.IsUnusable)
        {
            return BlockStatus.Failed(IoStatus.NoMedium);
        }
        if (wantZero)
        {
            hasPreallocatedMetadata ??= await Image.DetectPreallocatedMetadataAsync();
        }
        var (status, run) = await mapper.MapAsync(range.Offset, range.Length, forWrite: false);
        if (status != IoStatus.Ok)
        {
            return BlockStatus.Failed(status);
        }
        var file = Image.File.Node;
        return run.Kind switch
        {
            // Where the tables were made ahead, the file below may know that data was never written.
            ClusterKind.Normal => new(
                IoStatus.Ok,
                BlockStatusFlags.Data
                    | BlockStatusFlags.OffsetValid
                    | (hasPreallocatedMetadata == true ? BlockStatusFlags.Recurse : BlockStatusFlags.None),
                run.Length,
                run.HostOffset,
                file
            ),
            ClusterKind.ZeroAllocated => new(
                IoStatus.Ok,
                BlockStatusFlags.Zero | BlockStatusFlags.OffsetValid,
                run.Length,
                run.HostOffset,
                file
            ),
            ClusterKind.ZeroPlain => new(IoStatus.Ok, BlockStatusFlags.Zero, run.Length),
            ClusterKind.Compressed => new(IoStatus.Ok, BlockStatusFlags.Data | BlockStatusFlags.Compressed, run.Length),
            _ => new(IoStatus.Ok, BlockStatusFlags.None, run.Length),
        };
    }

    /// <inheritdoc/>
    public override ValueTask<IoStatus> FlushToOsAsync()
    {
        if (Image.IsUnusable)
        {
            return new(IoStatus.NoMedium);
        }
        return Image.HasDirtyMetadata ? WriteBackAsync() : new(IoStatus.Ok);
    }

    private async ValueTask<IoStatus> WriteBackAsync()
    {
        await Image.Lock.EnterAsync();
        try
        {
            return await Image.WriteBackAsync();
        }
        finally
        {
            Image.Lock.Exit();
        }
    }
}
