using System.Buffers.Binary;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Nbd.MetaContext;
using Tidemark.Nbd.Transmission;
using NbdLimits = Tidemark.Nbd.Limits;

namespace Tidemark.Exports.Nbd;

/// <content>
/// Block status: one chunk for each context, extents straight into the reply. Bitmaps answer at once; allocation asks the node, which may wait.
/// </content>
internal sealed partial class NbdConnection
{
    private const int FewExtents = 512;

    /// <summary>The form with a payload (extended headers): the effect length and the contexts that are wanted.</summary>
    private void ServeStatusOfSome(in RequestHeader request, ReadOnlySpan<byte> payload, ulong size)
    {
        List<OfferedContext> wanted = [];
        var isRight = payload.Length > sizeof(ulong) && payload.Length % sizeof(uint) == 0;
        for (var at = sizeof(ulong); isRight && at < payload.Length; at += sizeof(uint))
        {
            var id = BinaryPrimitives.ReadUInt32BigEndian(payload[at..]);
            isRight = contexts.Any(c => c.Id == id) && !wanted.Exists(c => c.Id == id);
            wanted.AddRange(contexts.Where(c => c.Id == id));
        }
        if (!isRight)
        {
            Fail(request, NbdError.InvalidArgument, "list of metadata contexts is wrong");
            return;
        }
        var length = BinaryPrimitives.ReadUInt64BigEndian(payload);
        if (RequestRules.Check(request with { Length = length }, style, size, isWritable, hasContexts: true) is { } problem)
        {
            Fail(request, NbdError.InvalidArgument, problem);
            return;
        }
        ServeStatus(request, (long)length, wanted);
    }

    private void ServeStatus(in RequestHeader request, long length, IReadOnlyList<OfferedContext> wanted) =>
        _ = ServeStatusAsync(request, new ByteRange((long)request.Offset, length), wanted);

    private async Task ServeStatusAsync(RequestHeader request, ByteRange range, IReadOnlyList<OfferedContext> wanted)
    {
        Begin(0);
        var status = IoStatus.Ok;
        for (var i = 0; i < wanted.Count && status == IoStatus.Ok; i++)
        {
            var isLast = i == wanted.Count - 1;
            status =
                wanted[i].Id >= NbdContextIds.FirstBitmap
                    ? DescribeBitmap(request, range, wanted[i].Id, isLast)
                    : await DescribeAllocationAsync(request, range, wanted[i].Id, isLast);
        }
        if (status != IoStatus.Ok)
        {
            Done(request, status);
        }
        sender.FlushSoon();
        End(0);
    }

    private static int ExtentLimit(in RequestHeader request) =>
        (request.Flags & CommandFlags.RequestOne) != 0 ? 1 : NbdLimits.MaxStatusExtents;

    private IoStatus DescribeBitmap(in RequestHeader request, ByteRange range, uint contextId, bool isLast)
    {
        var bits = export.BitmapOf(contextId).Content;
        var chunk = BeginChunk(request, contextId, ExtentLimit(request));
        for (var at = range.Offset; at < range.End; )
        {
            // A bitmap of another node may end early: what it doesn't cover isn't dirty.
            var (isDirty, length) = at < bits.SizeBytes ? bits.NextStatus(at, range.End - at) : (false, range.End - at);
            if (!statusWriter.Add(length, isDirty ? 1u : 0u))
            {
                break;
            }
            at += length;
        }
        FinishChunk(chunk, isLast);
        return IoStatus.Ok;
    }

    private async ValueTask<IoStatus> DescribeAllocationAsync(RequestHeader request, ByteRange range, uint contextId, bool isLast)
    {
        var isDepth = contextId == NbdContextIds.AllocationDepth;
        var limit = ExtentLimit(request);
        List<(long Length, uint Status)> extents = new(Math.Min(limit, FewExtents));
        for (var at = range.Offset; at < range.End; )
        {
            var answer = await backend.BlockStatusAboveAsync(null, ByteRange.Between(at, range.End), wantZero: !isDepth);
            if (answer.Block.Status != IoStatus.Ok || answer.Block.Length == 0)
            {
                if (extents.Count == 0)
                {
                    return answer.Block.Status == IoStatus.Ok ? IoStatus.InvalidArgument : answer.Block.Status;
                }
                break;
            }
            var status = isDepth ? (uint)answer.Depth : (uint)FlagsOf(answer.Block);
            if (extents.Count > 0 && extents[^1].Status == status)
            {
                extents[^1] = (extents[^1].Length + answer.Block.Length, status);
            }
            else if (extents.Count == limit)
            {
                break;
            }
            else
            {
                extents.Add((answer.Block.Length, status));
            }
            at += answer.Block.Length;
        }
        var chunk = BeginChunk(request, contextId, extents.Count);
        foreach (var (length, status) in extents)
        {
            _ = statusWriter.Add(length, status);
        }
        FinishChunk(chunk, isLast);
        return IoStatus.Ok;
    }

    private static AllocationFlags FlagsOf(in Block.Contract.BlockStatus status) =>
        (status.IsData ? AllocationFlags.Data : AllocationFlags.Hole)
        | (status.IsZero ? AllocationFlags.Zero : AllocationFlags.Data);

    /// <summary>Room for a chunk: among the gathered replies if it can't be long, else a buffer of its own.</summary>
    private SharedBuffer? BeginChunk(in RequestHeader request, uint contextId, int maxExtents)
    {
        var size = StatusChunkWriter.SizeFor(style, maxExtents);
        var apart = size <= Limits.SmallReadBytes ? null : new SharedBuffer(size);
        statusWriter.Begin(apart?.Memory ?? sender.ReserveMemory(size), request, contextId, maxExtents);
        return apart;
    }

    private void FinishChunk(SharedBuffer? apart, bool isLast)
    {
        var size = statusWriter.Finish(isLast);
        if (apart is null)
        {
            sender.Advance(size);
        }
        else if (size <= Limits.SmallReadBytes)
        {
            apart.Span[..size].CopyTo(sender.Reserve(size));
            sender.Advance(size);
            apart.Drop();
        }
        else
        {
            sender.Append(apart, 0, size);
        }
    }
}
