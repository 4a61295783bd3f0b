using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Nbd.Client;
using Tidemark.Nbd.MetaContext;

namespace Tidemark.Drivers.NbdClient;

/// <content>Block status: one extent at a time, as the server tells it, made safe.</content>
internal sealed partial class NbdDriver
{
    private readonly Stack<BlockStatusResult> spareResults = new();

    public override async ValueTask<BlockStatus> BlockStatusAsync(ByteRange range, bool wantZero)
    {
        var asked = new ByteRange(range.Offset, Math.Min(range.Length, LongestEffect));
        var result = spareResults.TryPop(out var spare) ? spare : new BlockStatusResult();
        var status = IoStatus.IoError;
        var extent = new NbdExtent(asked.Length, (uint)AllocationFlags.Data);
        var cancellations = link.Cancellations;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if ((link.Current ?? await link.WaitAsync(cancellations)) is not { } connection)
            {
                break;
            }
            if (connection.Contexts.Count == 0)
            {
                status = IoStatus.Ok;
                break;
            }
            status = await connection.BlockStatusAsync(asked.Offset, asked.Length, one: true, result);
            if (status != IoStatus.ConnectionReset)
            {
                extent = status == IoStatus.Ok ? result[0][0] : extent;
                break;
            }
            status = IoStatus.IoError;
        }
        spareResults.Push(result);
        return status == IoStatus.Ok ? Answer(asked, extent) : BlockStatus.Failed(status);
    }

    private BlockStatus Answer(ByteRange asked, NbdExtent extent)
    {
        // The client has cut the extent to what was asked. One that ends within a block is told up to the block before; if there is
        // none, the block is taken for data, which is always safe to say.
        var length = extent.Length;
        var flags = (AllocationFlags)extent.Status;
        if (length < asked.Length && asked.Offset + length < SizeBytes)
        {
            length = Alignment.Down(length, link.Export.MinimumBlock);
            if (length == 0)
            {
                (length, flags) = (link.Export.MinimumBlock, AllocationFlags.Data);
            }
        }
        var known = BlockStatusFlags.OffsetValid;
        known |= (flags & AllocationFlags.Hole) == 0 ? BlockStatusFlags.Data : BlockStatusFlags.None;
        known |= (flags & AllocationFlags.Zero) != 0 ? BlockStatusFlags.Zero : BlockStatusFlags.None;
        return new BlockStatus(IoStatus.Ok, known, length, asked.Offset, Node);
    }
}
