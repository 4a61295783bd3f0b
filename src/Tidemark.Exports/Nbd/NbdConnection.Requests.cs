using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Exports.Nbd;

/// <content>From requests to the node's verbs.</content>
internal sealed partial class NbdConnection
{
    /// <summary>Serves a request whose data, if it has any, lies in <paramref name="buffer"/>.</summary>
    private void Serve(in RequestHeader request, SharedBuffer buffer, int dataOffset, int dataLength)
    {
        var size = (ulong)backend.SizeBytes;
        if (backend.Node.IsInactive && request.Type != CommandType.Read)
        {
            CountRefused(request);
            Fail(request, NbdError.NotPermitted, $"command {request.Type.Describe()} on an inactive node");
            return;
        }
        if (dataLength > 0 && request.Type == CommandType.BlockStatus)
        {
            ServeStatusOfSome(request, buffer.Span.Slice(dataOffset, dataLength), size);
            return;
        }
        if (RequestRules.Check(request, style, size, isWritable, contexts.Count > 0) is { } problem)
        {
            CountRefused(request);
            Fail(request, NbdError.InvalidArgument, problem);
            return;
        }
        if (request.Type == CommandType.Read)
        {
            ServeRead(request);
            return;
        }
        if (request.Length == 0 && request.Type != CommandType.Flush)
        {
            Done(request, IoStatus.Ok);
            return;
        }
        switch (request.Type)
        {
            case CommandType.Write:
                ServeWrite(request, buffer, dataOffset, dataLength);
                break;
            case CommandType.Flush:
                Finish(request, backend.FlushAsync());
                break;
            case CommandType.WriteZeroes:
                Finish(request, backend.WriteZeroesAsync(RangeOf(request), ZeroFlags(request.Flags)));
                break;
            case CommandType.Trim:
                Finish(
                    request,
                    MustBeDurable(request) ? TrimDurablyAsync(RangeOf(request)) : backend.DiscardAsync(RangeOf(request))
                );
                break;
            case CommandType.Cache:
                Finish(request, CacheAsync(RangeOf(request)));
                break;
            default:
                ServeStatus(request, (long)request.Length, contexts);
                break;
        }
    }

    private static ByteRange RangeOf(in RequestHeader request) => new((long)request.Offset, (long)request.Length);

    private void ServeWrite(in RequestHeader request, SharedBuffer buffer, int dataOffset, int dataLength)
    {
        var flags = MustBeDurable(request) ? RequestFlags.Fua : RequestFlags.None;
        var task = backend.WriteAsync(RangeOf(request), buffer.Memory.Slice(dataOffset, dataLength), flags);
        if (task.IsCompletedSuccessfully)
        {
            var status = task.GetAwaiter().GetResult();
            Count(request, status);
            Done(request, status);
        }
        else
        {
            buffer.Share();
            Wait(request, task, buffer, 0, dataLength);
        }
    }

    private void Finish(in RequestHeader request, ValueTask<IoStatus> task)
    {
        if (task.IsCompletedSuccessfully)
        {
            var status = task.GetAwaiter().GetResult();
            Count(request, status);
            Done(request, status);
        }
        else
        {
            Wait(request, task, null, 0, 0);
        }
    }

    private bool MustBeDurable(in RequestHeader request) => isWritethrough || (request.Flags & CommandFlags.Fua) != 0;

    private RequestFlags ZeroFlags(CommandFlags flags)
    {
        var result = isWritethrough || (flags & CommandFlags.Fua) != 0 ? RequestFlags.Fua : RequestFlags.None;
        if ((flags & CommandFlags.NoHole) == 0)
        {
            result |= RequestFlags.MayUnmap;
        }
        if ((flags & CommandFlags.FastZero) != 0)
        {
            result |= RequestFlags.NoFallback;
        }
        return result;
    }

    private async ValueTask<IoStatus> TrimDurablyAsync(ByteRange range)
    {
        var status = await backend.DiscardAsync(range);
        return status == IoStatus.Ok ? await backend.FlushAsync() : status;
    }

    /// <summary>Brings the range into caches, or into the upper layer: reads it and forgets what was read.</summary>
    private async ValueTask<IoStatus> CacheAsync(ByteRange range)
    {
        var scratch = new SharedBuffer((int)Math.Min(range.Length, Limits.CachePieceBytes));
        var status = IoStatus.Ok;
        for (var at = range.Offset; at < range.End && status == IoStatus.Ok; at += scratch.Length)
        {
            var length = (int)Math.Min(range.End - at, scratch.Length);
            status = await backend.ReadAsync(new ByteRange(at, length), scratch.Memory[..length], RequestFlags.Prefetch);
        }
        scratch.Drop();
        return status;
    }
}
