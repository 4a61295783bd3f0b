using Tidemark.Core.Errors;
using Tidemark.Nbd.Transmission;
using Tidemark.Nbd.Wire;

namespace Tidemark.Nbd.Client;

/// <content>The receiver: takes replies apart, from the first to the last that the connection brings.</content>
public sealed partial class NbdClient
{
    private const int OffsetSize = sizeof(ulong);
    private const int HolePayload = sizeof(ulong) + sizeof(uint);

    private async Task ReceiveLoopAsync()
    {
        string? problem = null;
        while (problem is null && Failure is null)
        {
            problem = await TakeReplyAsync();
        }
        receiverEnded = true;
        Break(problem ?? "Connection was closed");
        EndPendingIfQuiet();
    }

    /// <summary>One simple reply or chunk; null if all was well, else what broke the connection.</summary>
    private async ValueTask<string?> TakeReplyAsync()
    {
        int size;
        ReplyHeader header;
        while (!ReplyHeader.TryParse(reader.Available, Style, out header, out size))
        {
            if (size == 0)
            {
                return "Server sent something other than a reply";
            }
            if (await FillAsync(size) is { } ended)
            {
                return ended;
            }
        }
        reader.Consume(size);
        var slot = PendingRequest.SlotOf(header.Cookie);
        if (slot >= pending.Length || !pending[slot].IsActive || pending[slot].Header.Cookie != header.Cookie)
        {
            return "Server sent a reply to a request that isn't there";
        }
        var request = pending[slot];
        if ((header.IsSimple ? await TakeSimpleAsync(request, header) : await TakeChunkAsync(request, header)) is { } problem)
        {
            return problem;
        }
        if (!header.IsLast)
        {
            return null;
        }
        if (request.Error == IoStatus.Ok && !IsWhole(request))
        {
            return "Server left out part of a reply";
        }
        request.MarkReplied();
        return null;
    }

    private bool IsWhole(PendingRequest request)
    {
        switch (request.Header.Type)
        {
            case CommandType.Read:
                return request.IsCovered();
            case CommandType.BlockStatus:
                for (var i = 0; i < Contexts.Count; i++)
                {
                    if (request.Status![i].Count == 0)
                    {
                        return false;
                    }
                }
                return true;
            default:
                return true;
        }
    }

    private async ValueTask<string?> TakeSimpleAsync(PendingRequest request, ReplyHeader header)
    {
        request.Error = header.Error.ToStatus();
        if (request.Header.Type != CommandType.Read)
        {
            return null;
        }
        if (Style != ReplyStyle.Simple)
        {
            return "Server sent a simple reply to a read";
        }
        if (header.Error != NbdError.None)
        {
            return null;
        }
        _ = request.TryCover(request.Header.Offset, request.Header.Length);
        return await ReceiveIntoAsync(request.Target);
    }

    private async ValueTask<string?> TakeChunkAsync(PendingRequest request, ReplyHeader header)
    {
        var type = request.Header.Type;
        switch (header.Type)
        {
            case ChunkType.None when header is { Length: 0, IsLast: true }:
                return null;
            case ChunkType.OffsetData when type == CommandType.Read && header.Length > OffsetSize:
                return await TakeDataAsync(request, header.Length - OffsetSize);
            case ChunkType.OffsetHole when type == CommandType.Read && header.Length == HolePayload:
                return await TakeHoleAsync(request);
            case ChunkType.BlockStatus when type == CommandType.BlockStatus && Style == ReplyStyle.Structured:
                return await TakeStatusAsync(request, header.Length);
            case ChunkType.BlockStatusExtended when type == CommandType.BlockStatus && Style == ReplyStyle.Extended:
                return await TakeStatusAsync(request, header.Length);
            case var error when (error & ChunkType.ErrorBit) != 0:
                return await TakeErrorAsync(request, header.Length);
            default:
                return "Server sent a chunk that doesn't fit the request";
        }
    }

    private async ValueTask<string?> TakeDataAsync(PendingRequest request, ulong length)
    {
        if (await FillAsync(OffsetSize) is { } ended)
        {
            return ended;
        }
        var offset = TakeOffset();
        if (!request.TryCover(offset, length))
        {
            return "Server sent data outside the request, or twice";
        }
        return await ReceiveIntoAsync(request.Target.Slice((int)(offset - request.Header.Offset), (int)length));
    }

    private async ValueTask<string?> TakeHoleAsync(PendingRequest request)
    {
        if (await FillAsync(HolePayload) is { } ended)
        {
            return ended;
        }
        var offset = TakeOffset();
        var length = new WireReader(reader.Available).Take32();
        reader.Consume(sizeof(uint));
        if (!request.TryCover(offset, length))
        {
            return "Server sent a hole outside the request, or twice";
        }
        request.Target.Span.Slice((int)(offset - request.Header.Offset), (int)length).Clear();
        return null;
    }

    private async ValueTask<string?> TakeErrorAsync(PendingRequest request, ulong length)
    {
        if (length > ErrorChunk.MaxPayload)
        {
            return "Server sent an error that is too long";
        }
        if (await FillAsync((int)length) is { } ended)
        {
            return ended;
        }
        if (!ErrorChunk.TryParse(reader.Available[..(int)length], out var chunk))
        {
            return "Server sent a malformed error";
        }
        reader.Consume((int)length);
        request.Error = request.Error == IoStatus.Ok ? chunk.Error.ToStatus() : request.Error;
        return null;
    }

    /// <summary>A status chunk, extent by extent: it may be far larger than the buffer.</summary>
    private async ValueTask<string?> TakeStatusAsync(PendingRequest request, ulong length)
    {
        var extended = Style == ReplyStyle.Extended;
        var head = extended ? 2 * sizeof(uint) : sizeof(uint);
        var extentSize = extended ? 2 * sizeof(ulong) : 2 * sizeof(uint);
        if (length < (ulong)(head + extentSize) || (length - (ulong)head) % (ulong)extentSize != 0)
        {
            return "Server sent block status of a wrong length";
        }
        if (await FillAsync(head) is { } ended)
        {
            return ended;
        }
        var left = (length - (ulong)head) / (ulong)extentSize;
        var index = TakeContextIndex(extended, left);
        if (index < 0 || request.Status![index].Count > 0)
        {
            return "Server sent block status for the wrong context";
        }
        var list = request.Status.ListOf(index);
        for (var uncovered = (long)request.Header.Length; left > 0; left--)
        {
            if (await FillAsync(extentSize) is { } broken)
            {
                return broken;
            }
            var extent = TakeExtent(extended);
            if (extent.Length <= 0)
            {
                return "Server sent an empty extent";
            }
            if (uncovered > 0 && list.Count < Limits.MaxStatusExtents)
            {
                list.Add(extent with { Length = Math.Min(extent.Length, uncovered) });
                uncovered -= Math.Min(extent.Length, uncovered);
            }
        }
        return null;
    }

    private int TakeContextIndex(bool extended, ulong count)
    {
        var fields = new WireReader(reader.Available);
        var id = fields.Take32();
        var isRight = !extended || fields.Take32() == count;
        reader.Consume(extended ? 2 * sizeof(uint) : sizeof(uint));
        for (var i = 0; isRight && i < Contexts.Count; i++)
        {
            if (Contexts[i].Id == id)
            {
                return i;
            }
        }
        return -1;
    }

    private NbdExtent TakeExtent(bool extended)
    {
        var fields = new WireReader(reader.Available);
        var length = extended ? fields.Take64() : fields.Take32();
        var status = extended ? (uint)fields.Take64() : fields.Take32();
        reader.Consume(extended ? 2 * sizeof(ulong) : 2 * sizeof(uint));
        return new NbdExtent((long)Math.Min(length, long.MaxValue), status);
    }

    private ulong TakeOffset()
    {
        var offset = new WireReader(reader.Available).Take64();
        reader.Consume(OffsetSize);
        return offset;
    }

    /// <summary>Fills <paramref name="target"/>: first from what is there, the rest straight from the channel.</summary>
    private async ValueTask<string?> ReceiveIntoAsync(Memory<byte> target)
    {
        var filled = reader.CopyTo(target.Span);
        while (filled < target.Length)
        {
            // A small rest comes with the replies behind it in one go; a large one is not copied.
            if (target.Length - filled < Limits.ClientGatherBytes)
            {
                if (await FillAsync(1) is { } ended)
                {
                    return ended;
                }
                filled += reader.CopyTo(target.Span[filled..]);
                continue;
            }
            var read = await channel.ReceiveAsync(target[filled..]);
            if (read.IsEnd)
            {
                return EndText(read.Status);
            }
            filled += read.Count;
        }
        return null;
    }

    private async ValueTask<string?> FillAsync(int count)
    {
        if (reader.Available.Length >= count)
        {
            return null;
        }
        var status = await reader.FillAsync(count);
        return status == IoStatus.Ok ? null : EndText(status);
    }

    private static string EndText(IoStatus status) =>
        status is IoStatus.Ok or IoStatus.ConnectionReset
            ? "Server closed the connection"
            : $"Failed to read from server: {status.Describe()}";
}
