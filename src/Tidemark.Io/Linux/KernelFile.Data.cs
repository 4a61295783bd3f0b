using Tidemark.Core.Errors;

namespace Tidemark.Io.Linux;

internal sealed unsafe partial class KernelFile
{
    public override ValueTask<IoStatus> ReadAsync(long offset, Memory<byte> target)
    {
        Invariant.That(offset >= 0 && !isClosed, "a read lies in an open file");
        long done = 0;
        if (traits.ReadsInLine && target.Length <= InlineBytes)
        {
            fixed (byte* pointer = target.Span)
            {
                if (traits.IsMemory)
                {
                    return new(FileCalls.Read(this, offset, pointer, target.Length));
                }
                done = FileCalls.ReadCached(this, offset, pointer, target.Length);
            }
            if (done == target.Length)
            {
                return new(IoStatus.Ok);
            }
            if (done < 0)
            {
                return new((IoStatus)(-done));
            }
        }
        var operation = Rent(FileVerb.Read, offset, target.Length);
        operation.Pin(target);
        operation.Done = done;
        return Start(operation);
    }

    public override ValueTask<IoStatus> WriteAsync(long offset, ReadOnlyMemory<byte> data)
    {
        Invariant.That(offset >= 0 && !isClosed, "a write lies in an open file");
        if (traits.WritesInLine && data.Length <= InlineBytes)
        {
            fixed (byte* pointer = data.Span)
            {
                return new(FileCalls.Write(this, offset, pointer, data.Length));
            }
        }
        var operation = Rent(FileVerb.Write, offset, data.Length);
        operation.Pin(data);
        return Start(operation);
    }

    public override ValueTask<IoStatus> FlushAsync()
    {
        Invariant.That(!isClosed, "a closed file gets no requests");
        return traits.IsMemory ? new(FileCalls.Flush(this)) : Start(Rent(FileVerb.Flush, 0, 0));
    }
}
