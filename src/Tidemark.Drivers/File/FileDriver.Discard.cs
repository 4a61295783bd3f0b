using Tidemark.Block.Accounting;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.File;

/// <content>Discards, and how many there were.</content>
internal sealed partial class FileDriver
{
    private DiscardCounts discards;

    public override DiscardCounts? Discards => discards;

    public override ValueTask<IoStatus> DiscardAsync(ByteRange range)
    {
        knownData = default;
        var task = file.DiscardAsync(range.Offset, range.Length);
        return task.IsCompletedSuccessfully ? new(Count(task.Result, range.Length)) : CountAsync(task, range.Length);
    }

    private async ValueTask<IoStatus> CountAsync(ValueTask<IoStatus> task, long bytes) => Count(await task, bytes);

    private IoStatus Count(IoStatus status, long bytes)
    {
        discards =
            status == IoStatus.Ok
                ? discards with
                {
                    Succeeded = discards.Succeeded + 1,
                    Bytes = discards.Bytes + bytes,
                }
                : discards with
                {
                    Failed = discards.Failed + 1,
                };
        return status;
    }
}
