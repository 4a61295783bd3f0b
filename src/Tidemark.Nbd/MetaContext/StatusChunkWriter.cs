using System.Buffers.Binary;
using Tidemark.Core.Errors;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Nbd.MetaContext;

/// <summary>
/// Writes block status chunks extent by extent straight into the reply buffer (NBD protocol,
/// "NBD_REPLY_TYPE_BLOCK_STATUS"; with extended headers "NBD_REPLY_TYPE_BLOCK_STATUS_EXT"). Neighbours of equal status become
/// one. <see cref="Begin"/> with room for <see cref="SizeFor"/> bytes, <see cref="Add"/>, <see cref="Finish"/>; then again.
/// </summary>
public sealed class StatusChunkWriter(ReplyWriter replies)
{
    private const int CompactExtent = 2 * sizeof(uint);
    private const int ExtendedExtent = 2 * sizeof(ulong);
    private readonly int extentSize = replies.Style == ReplyStyle.Extended ? ExtendedExtent : CompactExtent;
    private readonly int headSize = HeadSize(replies.Style);
    private Memory<byte> target;
    private RequestHeader request;
    private int maxExtents;
    private int count;
    private long pendingLength;
    private uint pendingStatus;

    /// <summary>Bytes that the extents so far describe.</summary>
    public long Covered { get; private set; }

    /// <summary>Room for a chunk of up to <paramref name="maxExtents"/>, bytes.</summary>
    public static int SizeFor(ReplyStyle style, int maxExtents) =>
        HeadSize(style) + (maxExtents * (style == ReplyStyle.Extended ? ExtendedExtent : CompactExtent));

    /// <summary>Begins the chunk of the context <paramref name="contextId"/>, of up to <paramref name="maxExtents"/>, in <paramref name="target"/>.</summary>
    public void Begin(Memory<byte> target, in RequestHeader request, uint contextId, int maxExtents)
    {
        Invariant.That(maxExtents > 0 && target.Length >= SizeFor(replies.Style, maxExtents), "a status chunk has room");
        this.target = target;
        this.request = request;
        this.maxExtents = maxExtents;
        (count, pendingLength, Covered) = (0, 0, 0);
        BinaryPrimitives.WriteUInt32BigEndian(target.Span[ChunkHead(replies.Style)..], contextId);
    }

    /// <summary>
    /// Appends <paramref name="length"/> bytes (at least 1) of <paramref name="status"/>; false, with nothing added, when the
    /// chunk is full. The sum of the lengths in a compact chunk stays below 2^32: the caller keeps to the request.
    /// </summary>
    public bool Add(long length, uint status)
    {
        Invariant.That(length > 0, "an extent is not empty");
        if (pendingLength > 0 && pendingStatus == status)
        {
            pendingLength += length;
            Covered += length;
            return true;
        }
        if (count == maxExtents)
        {
            return false;
        }
        Store();
        count++;
        (pendingLength, pendingStatus) = (length, status);
        Covered += length;
        return true;
    }

    /// <summary>Ends the chunk; <paramref name="last"/> if it ends the reply. Returns its size. It must have an extent.</summary>
    public int Finish(bool last)
    {
        Invariant.That(count > 0, "a status chunk has at least one extent");
        Store();
        var span = target.Span;
        var size = headSize + (count * extentSize);
        var head = ChunkHead(replies.Style);
        var flags = last ? ChunkFlags.Done : ChunkFlags.None;
        if (replies.Style == ReplyStyle.Extended)
        {
            BinaryPrimitives.WriteUInt32BigEndian(span[(head + sizeof(uint))..], (uint)count);
            _ = replies.WriteChunk(span, request, flags, ChunkType.BlockStatusExtended, size - head);
        }
        else
        {
            _ = replies.WriteChunk(span, request, flags, ChunkType.BlockStatus, size - head);
        }
        return size;
    }

    private static int ChunkHead(ReplyStyle style) => style == ReplyStyle.Extended ? 32 : 20;

    private static int HeadSize(ReplyStyle style) =>
        ChunkHead(style) + (style == ReplyStyle.Extended ? 2 * sizeof(uint) : sizeof(uint));

    private void Store()
    {
        if (count == 0)
        {
            return;
        }
        var slot = target.Span[(headSize + ((count - 1) * extentSize))..];
        if (extentSize == ExtendedExtent)
        {
            BinaryPrimitives.WriteUInt64BigEndian(slot, (ulong)pendingLength);
            BinaryPrimitives.WriteUInt64BigEndian(slot[sizeof(ulong)..], pendingStatus);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(slot, (uint)pendingLength);
            BinaryPrimitives.WriteUInt32BigEndian(slot[sizeof(uint)..], pendingStatus);
        }
    }
}
