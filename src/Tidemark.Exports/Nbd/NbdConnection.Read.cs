using System.Runtime.CompilerServices;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;
using Tidemark.Io.Contract;
using Tidemark.Nbd;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Exports.Nbd;

/// <content>
/// Reads. A small one is done right where its reply is gathered, behind the place of the header. A large one, and any of a node that
/// wants aligned memory, gets a buffer in which the header ends where the first page begins; it is sent from there.
/// Where chunks are spoken, zeroes are told, not sent: small reads look at what they got, large ones ask the node first.
/// </content>
internal sealed partial class NbdConnection
{
    private const int DataStart = AlignedBuffer.PageSize;

    private void ServeRead(in RequestHeader request)
    {
        var length = (int)request.Length;
        if (length == 0)
        {
            sender.Advance(replies.WriteEmptyRead(sender.Reserve(ReplyWriter.MaxFixedSize), request));
            return;
        }
        if (length > Limits.SmallReadBytes && MayTellHoles(request))
        {
            _ = ServeSparseReadAsync(request);
            return;
        }
        var range = new ByteRange((long)request.Offset, length);
        if (length > Limits.SmallReadBytes || backend.Node.Limits.MemoryAlignment > 1)
        {
            ReadApart(request, range);
            return;
        }
        var room = sender.ReserveMemory(replies.DataHeaderSize + length);
        var task = backend.ReadAsync(range, room[replies.DataHeaderSize..]);
        if (!task.IsCompletedSuccessfully)
        {
            var (buffer, offset) = sender.SetAside(room.Length);
            Wait(request, task, buffer, offset, length);
            return;
        }
        var status = task.GetAwaiter().GetResult();
        Count(request, status);
        if (status == IoStatus.Ok)
        {
            sender.Advance(CompleteReply(request, room.Span));
        }
        else
        {
            Done(request, status);
        }
    }

    private bool MayTellHoles(in RequestHeader request) =>
        style != ReplyStyle.Simple && (request.Flags & CommandFlags.DontFragment) == 0;

    /// <summary>
    /// Writes the header before the data that <paramref name="reply"/> ends with, or tells that they are zeroes. Returns the reply's size,
    /// which begins where the header does.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int CompleteReply(in RequestHeader request, Span<byte> reply)
    {
        var header = replies.DataHeaderSize;
        var length = reply.Length - header;
        // A hole's length takes four bytes: fewer are sooner said as data, and there is no room for more.
        if (length > sizeof(uint) && MayTellHoles(request) && reply[header] == 0 && !reply[header..].ContainsAnyExcept((byte)0))
        {
            return replies.WriteHole(reply, request, (long)request.Offset, length, last: true);
        }
        return replies.WriteDataHeader(reply, request, (long)request.Offset, length, last: true) + length;
    }

    private void ReadApart(in RequestHeader request, ByteRange range)
    {
        var length = (int)range.Length;
        var buffer = new SharedBuffer(DataStart + length);
        var task = backend.ReadAsync(range, buffer.Memory[DataStart..]);
        var replyOffset = DataStart - replies.DataHeaderSize;
        if (task.IsCompletedSuccessfully)
        {
            var status = task.GetAwaiter().GetResult();
            Count(request, status);
            FinishRead(request, status, buffer, replyOffset);
        }
        else
        {
            Wait(request, task, buffer, replyOffset, length);
        }
    }

    /// <summary>A read into <paramref name="buffer"/>, a stake in which is handed over, is done.</summary>
    private void FinishRead(in RequestHeader request, IoStatus status, SharedBuffer buffer, int replyOffset)
    {
        if (status != IoStatus.Ok)
        {
            buffer.Drop();
            Done(request, status);
            return;
        }
        var reply = buffer.Span.Slice(replyOffset, replies.DataHeaderSize + (int)request.Length);
        var isSmall = request.Length <= Limits.SmallReadBytes;
        var size = isSmall
            ? CompleteReply(request, reply)
            : replies.WriteDataHeader(reply, request, (long)request.Offset, (int)request.Length, last: true)
                + (int)request.Length;
        if (replyOffset != DataStart - replies.DataHeaderSize || !isSmall)
        {
            // It lies among gathered replies already, or is worth a send of its own.
            sender.Append(buffer, replyOffset, size);
            return;
        }
        // Copying a small one is cheaper than a send of its own.
        reply[..size].CopyTo(sender.Reserve(size));
        sender.Advance(size);
        buffer.Drop();
    }

    /// <summary>A large read in chunks: runs of zeroes are told, runs of data are read and sent from where they were read.</summary>
    private async Task ServeSparseReadAsync(RequestHeader request)
    {
        var weight = (int)request.Length;
        var begin = begun;
        Begin(weight);
        var at = (long)request.Offset;
        var end = at + weight;
        var status = IoStatus.Ok;
        while (at < end && status == IoStatus.Ok)
        {
            var run = await FindRunAsync(at, end);
            status = run.Status;
            if (status != IoStatus.Ok)
            {
                break;
            }
            var isLast = at + run.Length == end;
            if (run.IsZero)
            {
                var target = sender.Reserve(ReplyWriter.MaxFixedSize);
                sender.Advance(replies.WriteHole(target, request, at, run.Length, isLast));
            }
            else
            {
                status = await SendDataAsync(request, at, run.Length, isLast);
            }
            at += run.Length;
        }
        Count(request, status, begin);
        if (status != IoStatus.Ok)
        {
            Done(request, status);
        }
        sender.FlushSoon();
        End(weight);
    }

    private async ValueTask<IoStatus> SendDataAsync(RequestHeader request, long offset, int length, bool isLast)
    {
        if (length >= Limits.SendFileBytes && await TrySendFromFileAsync(request, offset, length, isLast))
        {
            return IoStatus.Ok;
        }
        var buffer = new SharedBuffer(DataStart + length);
        var status = await backend.ReadAsync(new ByteRange(offset, length), buffer.Memory[DataStart..]);
        if (status != IoStatus.Ok)
        {
            buffer.Drop();
            return status;
        }
        var replyOffset = DataStart - replies.DataHeaderSize;
        _ = replies.WriteDataHeader(buffer.Span[replyOffset..], request, offset, length, isLast);
        sender.Append(buffer, replyOffset, replies.DataHeaderSize + length);
        return IoStatus.Ok;
    }

    /// <summary>
    /// Lets the kernel send a run of data from the page cache. A write that comes before the client has fetched it may show in it, as
    /// it may in any read that is still under way; so it is done only where bytes stay where they are and nothing else can come there.
    /// </summary>
    private async ValueTask<bool> TrySendFromFileAsync(RequestHeader request, long offset, int length, bool isLast)
    {
        if (channel is not SocketChannel socket || backend.BeginHostRead(new ByteRange(offset, length)) is not { } place)
        {
            return false;
        }
        try
        {
            if (!socket.CanSendFromMemory(place.File, place.Offset, length))
            {
                return false;
            }
            var header = sender.Reserve(replies.DataHeaderSize);
            var size = replies.WriteDataHeader(header, request, offset, length, isLast);
            await sender.SendFileAsync(size, place, length);
            return true;
        }
        finally
        {
            backend.EndHostRead();
        }
    }

    /// <summary>The longest run of all zeroes, or of all data as far as the node knows, from <paramref name="from"/> on.</summary>
    private async ValueTask<(IoStatus Status, int Length, bool IsZero)> FindRunAsync(long from, long end)
    {
        var at = from;
        var isZero = false;
        while (at < end)
        {
            var answer = (await backend.BlockStatusAboveAsync(null, ByteRange.Between(at, end), wantZero: true)).Block;
            if (answer.Status != IoStatus.Ok || answer.Length == 0)
            {
                // A node that doesn't know is simply read.
                return at > from ? (IoStatus.Ok, (int)(at - from), isZero) : (IoStatus.Ok, (int)(end - from), false);
            }
            if (at > from && answer.IsZero != isZero)
            {
                break;
            }
            isZero = answer.IsZero;
            at += answer.Length;
        }
        return (IoStatus.Ok, (int)(at - from), isZero);
    }
}
