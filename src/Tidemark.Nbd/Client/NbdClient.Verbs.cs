using System.Runtime.CompilerServices;
using Tidemark.Core.Errors;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Nbd.Client;

/// <content>
/// The verbs. Offsets and lengths are bytes, multiples of <see cref="Handshake.ExportInfo.MinimumBlock"/>, inside the export, at least 1; reads
/// and writes are no longer than <see cref="Handshake.ExportInfo.MaximumPayload"/>, and with compact headers nothing is longer than 2^32 - 1.
/// Flags only as the server offered them. Memory belongs to the verb until its task is complete.
/// </content>
public sealed partial class NbdClient
{
    /// <summary>Fills <paramref name="target"/> from <paramref name="offset"/> on. After a failure its content is undefined.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<IoStatus> ReadAsync(long offset, Memory<byte> target)
    {
        if (!free.TryPop(out var request) && (request = await WaitForSlotAsync()) is null)
        {
            return IoStatus.ConnectionReset;
        }
        request.Begin(CommandType.Read, CommandFlags.None, offset, target.Length);
        request.Into(target);
        return await FinishAsync(request);
    }

    /// <summary>Writes <paramref name="data"/> at <paramref name="offset"/>; durable on return with <paramref name="fua"/>.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<IoStatus> WriteAsync(long offset, ReadOnlyMemory<byte> data, bool fua)
    {
        if (!free.TryPop(out var request) && (request = await WaitForSlotAsync()) is null)
        {
            return IoStatus.ConnectionReset;
        }
        var flags = fua ? CommandFlags.Fua : CommandFlags.None;
        flags |= Style == ReplyStyle.Extended ? CommandFlags.PayloadLength : CommandFlags.None;
        request.Begin(CommandType.Write, flags, offset, data.Length);
        request.With(data);
        return await FinishAsync(request);
    }

    /// <summary>
    /// Makes the range read as zeroes; <paramref name="flags"/> of <see cref="CommandFlags.Fua"/>, <see cref="CommandFlags.NoHole"/>,
    /// <see cref="CommandFlags.FastZero"/> (then <see cref="IoStatus.NotSupported"/> where it would be slow).
    /// </summary>
    public ValueTask<IoStatus> WriteZeroesAsync(long offset, long length, CommandFlags flags) =>
        RequestAsync(CommandType.WriteZeroes, flags, offset, length);

    /// <summary>Says that the content of the range isn't needed any more.</summary>
    public ValueTask<IoStatus> TrimAsync(long offset, long length, bool fua) =>
        RequestAsync(CommandType.Trim, fua ? CommandFlags.Fua : CommandFlags.None, offset, length);

    /// <summary>Says that the range will be read soon.</summary>
    public ValueTask<IoStatus> CacheAsync(long offset, long length) =>
        RequestAsync(CommandType.Cache, CommandFlags.None, offset, length);

    /// <summary>Makes durable what was written before, on return.</summary>
    public ValueTask<IoStatus> FlushAsync() => RequestAsync(CommandType.Flush, CommandFlags.None, 0, 0);

    /// <summary>
    /// Asks for the status of the range in each selected context; with <paramref name="one"/> a single extent each. What the
    /// server says may cover less than the range, never nothing, and is cut where it reaches past it. Needs a context.
    /// </summary>
    public async ValueTask<IoStatus> BlockStatusAsync(long offset, long length, bool one, BlockStatusResult result)
    {
        Invariant.That(Contexts.Count > 0, "block status is asked for in a context");
        if (!free.TryPop(out var request) && (request = await WaitForSlotAsync()) is null)
        {
            return IoStatus.ConnectionReset;
        }
        result.Reset(Contexts.Count);
        request.Begin(CommandType.BlockStatus, one ? CommandFlags.RequestOne : CommandFlags.None, offset, length);
        request.Into(result);
        return await FinishAsync(request);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<IoStatus> RequestAsync(CommandType type, CommandFlags flags, long offset, long length)
    {
        if (!free.TryPop(out var request) && (request = await WaitForSlotAsync()) is null)
        {
            return IoStatus.ConnectionReset;
        }
        request.Begin(type, flags, offset, length);
        return await FinishAsync(request);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<IoStatus> FinishAsync(PendingRequest request)
    {
        Send(request);
        var status = await request.Completion.Task;
        Release(request);
        return status;
    }
}
