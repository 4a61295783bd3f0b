using Tidemark.Core.Errors;

namespace Tidemark.Io.Linux;

// Copying through the page cache is the processor's work: as many workers as there are cores do it, beside the loop. Direct
// requests are the device's work and go through the ring as ever; small ones are done sooner than handed over.
internal sealed unsafe partial class KernelFile
{
    /// <summary>From this length on handing over costs less than it gains, bytes.</summary>
    internal const int BackgroundBytes = 256 << 10;

    // The kernel lets one writer at a time into a file; a second worker would only spin for its turn.
    private readonly Queue<FileOperation> writesWaiting = new();
    private bool isWriting;

    public override ValueTask<IoStatus> ReadInBackgroundAsync(long offset, Memory<byte> target)
    {
        if (traits.IsDirect || target.Length < BackgroundBytes)
        {
            return ReadAsync(offset, target);
        }
        Invariant.That(offset >= 0 && !isClosed, "a read lies in an open file");
        var operation = Rent(FileVerb.Read, offset, target.Length);
        operation.Pin(target);
        engine.StartOnCore(operation);
        return operation.Task;
    }

    public override ValueTask<IoStatus> WriteInBackgroundAsync(long offset, ReadOnlyMemory<byte> data)
    {
        if (traits.IsDirect || data.Length < BackgroundBytes)
        {
            return WriteAsync(offset, data);
        }
        Invariant.That(offset >= 0 && !isClosed, "a write lies in an open file");
        var operation = Rent(FileVerb.Write, offset, data.Length);
        operation.Pin(data);
        operation.IsInLane = true;
        if (isWriting)
        {
            writesWaiting.Enqueue(operation);
        }
        else
        {
            isWriting = true;
            engine.StartOnCore(operation);
        }
        return operation.Task;
    }

    /// <summary>A background write has ended: the next one's turn.</summary>
    internal void LeaveLane()
    {
        isWriting = writesWaiting.TryDequeue(out var next);
        if (next is not null)
        {
            engine.StartOnCore(next);
        }
    }
}
