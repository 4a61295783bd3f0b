using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Io.Contract;

namespace Tidemark.Block.Graph;

public sealed partial class BlockNode
{
    /// <summary>
    /// Copies <paramref name="range"/> of <paramref name="source"/> to the same place here inside the kernel, where both are plain
    /// bytes of host files. <see cref="IoStatus.NotSupported"/> where they are not; marks like a write.
    /// </summary>
    public async ValueTask<IoStatus> CopyRangeFromAsync(BlockNode source, ByteRange range)
    {
        var answer = (await source.BlockStatusAboveAsync(null, includeBase: false, range, wantZero: false)).Block;
        var isPlain =
            (answer.Flags & (BlockStatusFlags.OffsetValid | BlockStatusFlags.Compressed)) == BlockStatusFlags.OffsetValid;
        return
            answer.Status == IoStatus.Ok && isPlain && answer.Length >= range.Length && answer.File?.Driver.HostFile is { } file
            ? await CopyFromHostAsync(range, file, answer.HostOffset)
            : IoStatus.NotSupported;
    }

    /// <summary>
    /// Copies bytes of a host file, from <paramref name="sourceOffset"/> on, to <paramref name="range"/> inside the kernel.
    /// <see cref="IoStatus.NotSupported"/> where the driver can't; marks like a write.
    /// </summary>
    public async ValueTask<IoStatus> CopyFromHostAsync(ByteRange range, StorageFile source, long sourceOffset)
    {
        if (IsReadOnly)
        {
            return IoStatus.NotPermitted;
        }
        if (range.End > SizeBytes)
        {
            return IoStatus.NotSupported;
        }
        var request = await requests.BeginAsync(range);
        try
        {
            return await Driver.CopyFromHostAsync(range, source, sourceOffset);
        }
        finally
        {
            Written(range);
            requests.End(request);
        }
    }
}
