using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>The file below an image as a check's storage.</summary>
/// <param name="file">The image's "file" edge.</param>
internal sealed class ChildCheckStorage(BlockChild file) : ICheckStorage
{
    /// <inheritdoc/>
    public long Length => file.SizeBytes;

    /// <inheritdoc/>
    public ValueTask<IoStatus> ReadAsync(long offset, Memory<byte> target)
    {
        // A hostile offset may be anything: what no file can have reads as nothing.
        var there = offset < 0 ? 0 : (int)Math.Clamp(file.SizeBytes - offset, 0, target.Length);
        target.Span[there..].Clear();
        return there == 0 ? new(IoStatus.Ok) : file.ReadAsync(new(offset, there), target[..there]);
    }

    /// <inheritdoc/>
    public ValueTask<IoStatus> WriteAsync(long offset, ReadOnlyMemory<byte> data) =>
        offset is < 0 or >= CheckLimits.FileBytes ? new(IoStatus.FileTooBig) : file.WriteAsync(new(offset, data.Length), data);

    /// <inheritdoc/>
    public ValueTask<IoStatus> FlushAsync() => file.FlushAsync();

    /// <inheritdoc/>
    public async ValueTask<IoStatus> GrowAsync(long length)
    {
        try
        {
            await file.TruncateAsync(length, exact: false, PreallocationMode.Off);
            return IoStatus.Ok;
        }
        catch (BlockException error)
        {
            return error.Status;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DiscardAsync(long offset, long length)
    {
        var there = Math.Min(length, file.SizeBytes - offset);
        if (there > 0)
        {
            _ = await file.DiscardAsync(new ByteRange(offset, there));
        }
    }
}
