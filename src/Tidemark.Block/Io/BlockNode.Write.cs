using System.Runtime.CompilerServices;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Graph;

public sealed partial class BlockNode
{
    private long writeGeneration;
    private long flushedGeneration;
    private ulong lastQuietOffset = ulong.MaxValue;
    private ulong largestThreshold;

    /// <summary>
    /// Writes <paramref name="data"/>, which is as long as the range. Whatever the outcome, the range is marked in the recording
    /// bitmaps before the task ends: part of it may be on the medium. Read-only: <see cref="IoStatus.NotPermitted"/>.
    /// </summary>
    public ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags)
    {
        Invariant.That(data.Length == range.Length, "payload covers the range exactly");
        if (IsReadOnly)
        {
            return new(IoStatus.NotPermitted);
        }
        if (Options.DetectZeroes != DetectZeroesMode.Off && !data.Span.ContainsAnyExcept((byte)0))
        {
            return WriteZeroesAsync(range, flags | (Options.DetectZeroes == DetectZeroesMode.Unmap ? RequestFlags.MayUnmap : 0));
        }
        var size = Driver.SizeBytes;
        if (
            !FitsDriver(range, data)
            || (flags & (RequestFlags.Serialising | RequestFlags.Compressed)) != 0
            || range.End > size
            || requests.MustWait(range)
            || IsWatched
        )
        {
            return WriteSlowlyAsync(range, data, flags);
        }
        var passed = driver!.SupportsFua ? flags : flags & ~RequestFlags.Fua;
        var task = driver.WriteAsync(range, data, passed);
        if (task.IsCompletedSuccessfully)
        {
            var status = task.Result;
            Written(range);
            return passed == flags || status != IoStatus.Ok ? new(status) : FlushAsync();
        }
        return FinishWriteAsync(requests.Begin(range), task, range, flags);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<IoStatus> FinishWriteAsync(
        TrackedRequest request,
        ValueTask<IoStatus> task,
        ByteRange range,
        RequestFlags flags
    )
    {
        IoStatus status;
        try
        {
            status = await task;
        }
        finally
        {
            Written(range);
            requests.End(request);
        }
        return status == IoStatus.Ok && (flags & RequestFlags.Fua) != 0 && !Driver.SupportsFua ? await FlushAsync() : status;
    }

    // Unaligned at either end, too long, growing the node, to be kept apart from others that overlap, or watched.
    private async ValueTask<IoStatus> WriteSlowlyAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags)
    {
        if ((flags & RequestFlags.Compressed) != 0 && !Driver.SupportsCompression)
        {
            return IoStatus.NotSupported;
        }
        var padded = range.Expand(limits.RequestAlignment);
        var serialising = (flags & RequestFlags.Serialising) != 0 || padded != range;
        var request = serialising ? await requests.BeginSerialisingAsync(padded) : await requests.BeginAsync(range);
        var sizeBefore = SizeBytes;
        IoStatus status;
        try
        {
            status = await WritePiecesAsync(
                range,
                data,
                flags & ~(RequestFlags.Serialising | (Driver.SupportsFua ? 0 : RequestFlags.Fua))
            );
            await RaiseAsync(DebugEvent.PwritevDone);
        }
        finally
        {
            NoteGrowth(sizeBefore);
            Written(range);
            requests.End(request);
        }
        return status == IoStatus.Ok && (flags & RequestFlags.Fua) != 0 && !Driver.SupportsFua ? await FlushAsync() : status;
    }

    private async ValueTask<IoStatus> WritePiecesAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags)
    {
        var done = 0;
        while (done < data.Length)
        {
            var offset = range.Offset + done;
            var rest = data[done..];
            IoStatus status;
            int length;
            if (
                Alignment.Is(offset, limits.RequestAlignment)
                && rest.Length >= limits.RequestAlignment
                && IsAlignedMemory(rest.Span)
            )
            {
                length = (int)Alignment.Down(Math.Min(rest.Length, LongestTransfer), limits.RequestAlignment);
                await RaiseAsync(DebugEvent.Pwritev);
                status = await Driver.WriteAsync(new ByteRange(offset, length), rest[..length], flags);
            }
            else
            {
                (status, length) = await WritePaddedAsync(offset, rest, flags);
            }
            if (status != IoStatus.Ok)
            {
                return status;
            }
            done += length;
        }
        return IoStatus.Ok;
    }

    /// <summary>The end of the write, of data or zeroes, that reached furthest since the node was opened, bytes.</summary>
    public long HighestWrittenOffset { get; private set; }

    /// <summary>
    /// Offset in bytes beyond which the first write, of data or zeroes, is told of by <see cref="BlockGraph.ReportWriteThreshold"/>;
    /// then, and at first, it is 0 for none.
    /// </summary>
    public ulong WriteThreshold
    {
        get => lastQuietOffset == ulong.MaxValue ? largestThreshold : lastQuietOffset;
        set
        {
            // No write ends beyond the largest offset: none is told of with it, and it stands for none inside.
            lastQuietOffset = value == 0 ? ulong.MaxValue : value;
            largestThreshold = value == ulong.MaxValue ? value : 0;
        }
    }

    /// <summary>What every write ends with: the bitmaps know, and a flush has something to do.</summary>
    private void Written(ByteRange range)
    {
        if ((ulong)range.End > lastQuietOffset)
        {
            TellOfThreshold((ulong)range.End);
        }
        if (range.End > HighestWrittenOffset)
        {
            HighestWrittenOffset = range.End;
        }
        Changed(range);
    }

    private void TellOfThreshold(ulong end)
    {
        var threshold = lastQuietOffset;
        WriteThreshold = 0;
        Graph.ReportWriteThreshold(this, threshold, end - threshold);
    }

    /// <summary>What every change of content ends with, also one that writes nothing.</summary>
    private void Changed(ByteRange range)
    {
        writeGeneration++;
        Bitmaps.Mark(range);
    }

    private void NoteGrowth(long sizeBefore)
    {
        if (SizeBytes != sizeBefore)
        {
            SizeChanged();
        }
    }
}
