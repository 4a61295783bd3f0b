using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Io.Linux;

internal sealed unsafe partial class KernelFile
{
    /// <summary>Pages that tmpfs takes back in line; to hand them out cleared costs as much as to write them.</summary>
    private const long InlineFreeBytes = 8 << 20;

    public override ValueTask<IoStatus> PunchHoleAsync(long offset, long length)
    {
        Invariant.That(offset >= 0 && length > 0, "a hole is a range");
        return IsInLine(length, InlineFreeBytes)
            ? new(FileCalls.PunchHole(this, offset, length))
            : Start(Rent(FileVerb.PunchHole, offset, length));
    }

    public override ValueTask<IoStatus> DiscardAsync(long offset, long length)
    {
        Invariant.That(offset >= 0 && length > 0, "a discard is a range");
        return IsInLine(length, InlineFreeBytes)
            ? new(FileCalls.Discard(this, offset, length))
            : Start(Rent(FileVerb.Discard, offset, length));
    }

    public override ValueTask<IoStatus> WriteZeroesAsync(long offset, long length, bool mayUnmap)
    {
        Invariant.That(offset >= 0 && length > 0, "zeroes are a range");
        if (IsInLine(length, mayUnmap ? InlineFreeBytes : InlineBytes))
        {
            return new(FileCalls.WriteZeroes(this, offset, length, mayUnmap));
        }
        var operation = Rent(FileVerb.WriteZeroes, offset, length);
        operation.MayUnmap = mayUnmap;
        return Start(operation);
    }

    public override ValueTask<IoStatus> AllocateAsync(long offset, long length)
    {
        Invariant.That(offset >= 0 && length > 0, "an allocation is a range");
        return IsInLine(length, InlineBytes)
            ? new(FileCalls.Allocate(this, offset, length))
            : Start(Rent(FileVerb.Allocate, offset, length));
    }

    public override ValueTask<IoStatus> TruncateAsync(long length)
    {
        Invariant.That(length >= 0 && !isClosed, "a size is not negative");
        return traits.IsMemory && GetLength() - length <= InlineFreeBytes
            ? new(FileCalls.Truncate(this, length))
            : Start(Rent(FileVerb.Truncate, 0, length));
    }

    public override ValueTask<IoStatus> CopyFromAsync(StorageFile source, long sourceOffset, long offset, long length)
    {
        Invariant.That(sourceOffset >= 0 && offset >= 0 && length > 0, "a copy is between two ranges");
        if (source is not KernelFile { IsRegular: true } from || !IsRegular)
        {
            return new(IoStatus.NotSupported);
        }
        if (traits.IsMemory && from.IsMemory && length <= InlineBytes)
        {
            return new(FileCalls.Copy(from, sourceOffset, this, offset, length));
        }
        var operation = Rent(FileVerb.Copy, offset, length);
        from.Enter();
        operation.Source = from;
        operation.SourceOffset = sourceOffset;
        return Start(operation);
    }

    public override FileExtent FindExtent(long offset)
    {
        var length = GetLength();
        if (offset >= length)
        {
            return new FileExtent(IsData: false, 0);
        }
        if (!IsRegular)
        {
            return new FileExtent(IsData: true, length - offset);
        }
        var data = Libc.LSeek(Descriptor, offset, Libc.SEEK_DATA);
        if (data < 0)
        {
            // ENXIO: nothing but a hole up to the end; anything else: the file system doesn't tell.
            return new FileExtent(IsData: (int)Libc.LastError != Libc.ENXIO, length - offset);
        }
        if (data > offset)
        {
            return new FileExtent(IsData: false, data - offset);
        }
        var hole = Libc.LSeek(Descriptor, offset, Libc.SEEK_HOLE);
        return new FileExtent(IsData: true, (hole > offset ? hole : Math.Max(length, offset + 1)) - offset);
    }

    private bool IsInLine(long length, long limit)
    {
        Invariant.That(!isClosed, "a closed file gets no requests");
        return traits.IsMemory && length <= limit;
    }
}
