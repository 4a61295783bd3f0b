using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Io.Simulated;

/// <summary>An open file of a simulated disk. Each request completes at once or later, by chance, and in any order.</summary>
internal sealed class SimulatedFile(
    SimulatedMachine machine,
    SimulatedEngine engine,
    SimulatedInode inode,
    FileOpenOptions options
) : StorageFile
{
    // Poison: who looks at the memory of a read that has not ended finds this.
    private const byte Unfinished = 0xDB;

    private int underWay;
    private bool isClosed;

    public override string Path => inode.Path;
    public override FileKind Kind => FileKind.Regular;
    public override int RequestAlignment => options.Direct ? machine.DirectAlignment : 1;
    public override int MemoryAlignment => RequestAlignment;

    internal SimulatedInode Inode => inode;

    public override long GetLength() => inode.Content.Length;

    public override long GetAllocatedLength() => inode.Content.PageCount * SparseContent.PageBytes;

    public override ValueTask<IoStatus> ReadAsync(long offset, Memory<byte> target)
    {
        if (!IsAligned(offset, target.Span))
        {
            return new(IoStatus.InvalidArgument);
        }
        if (target.Length > 0)
        {
            target.Span.Fill(Unfinished);
        }
        return Perform(
            SimulatedOperation.Read,
            offset,
            target.Length,
            static () => null,
            () =>
            {
                inode.Content.Read(offset, target.Span);
                return IoStatus.Ok;
            }
        );
    }

    public override ValueTask<IoStatus> WriteAsync(long offset, ReadOnlyMemory<byte> data)
    {
        if (!options.Writable)
        {
            return new((IoStatus)BadDescriptor);
        }
        return !IsAligned(offset, data.Span)
            ? new(IoStatus.InvalidArgument)
            : Perform(
                SimulatedOperation.Write,
                offset,
                data.Length,
                () => new Change(ChangeKind.Write, offset, data.Length, data.ToArray()),
                options.DataSync ? FlushAll : Nothing
            );
    }

    public override ValueTask<IoStatus> FlushAsync()
    {
        // Only what had ended when the flush began is sure to be covered.
        var covered = inode.ChangeCount;
        return Perform(
            SimulatedOperation.Flush,
            0,
            0,
            static () => null,
            () =>
            {
                inode.Flush(covered);
                return IoStatus.Ok;
            }
        );
    }

    public override ValueTask<IoStatus> PunchHoleAsync(long offset, long length) =>
        ChangeRange(SimulatedOperation.PunchHole, ChangeKind.Hole, offset, length);

    public override ValueTask<IoStatus> DiscardAsync(long offset, long length) =>
        ChangeRange(SimulatedOperation.Discard, ChangeKind.Hole, offset, length);

    public override ValueTask<IoStatus> WriteZeroesAsync(long offset, long length, bool mayUnmap) =>
        ChangeRange(SimulatedOperation.WriteZeroes, mayUnmap ? ChangeKind.HoleAndGrow : ChangeKind.Zeroes, offset, length);

    public override ValueTask<IoStatus> AllocateAsync(long offset, long length) =>
        ChangeRange(SimulatedOperation.Allocate, ChangeKind.Space, offset, length);

    public override ValueTask<IoStatus> TruncateAsync(long length) =>
        ChangeRange(SimulatedOperation.Truncate, ChangeKind.Size, 0, length);

    public override FileExtent FindExtent(long offset)
    {
        if (offset >= inode.Content.Length)
        {
            return new FileExtent(IsData: false, 0);
        }
        var (isData, length) = inode.Content.Extent(offset);
        return new FileExtent(isData, length);
    }

    public override ValueTask<IoStatus> CopyFromAsync(StorageFile source, long sourceOffset, long offset, long length)
    {
        if (source is not SimulatedFile from)
        {
            return new(IoStatus.NotSupported);
        }
        return Perform(
            SimulatedOperation.Copy,
            offset,
            length,
            () =>
            {
                var bytes = new byte[length];
                from.Inode.Content.Read(sourceOffset, bytes);
                return new Change(ChangeKind.Write, offset, length, bytes);
            },
            Nothing
        );
    }

    public override IoStatus SetSharedLock(long offset, bool held) => inode.Lock(this, offset, held);

    public override IoStatus TestExclusiveLock(long offset) => inode.IsLockedByOther(this, offset) ? IoStatus.Again : IoStatus.Ok;

    public override ValueTask DisposeAsync()
    {
        if (!isClosed)
        {
            Invariant.That(underWay == 0 || engine.IsDead, "a file is closed when its requests have ended");
            isClosed = true;
            inode.Unlock(this);
            engine.Forget(this);
        }
        return ValueTask.CompletedTask;
    }

    private const int BadDescriptor = 9;

    private static IoStatus Nothing() => IoStatus.Ok;

    private IoStatus FlushAll()
    {
        inode.Flush(inode.ChangeCount);
        return IoStatus.Ok;
    }

    private ValueTask<IoStatus> ChangeRange(SimulatedOperation operation, ChangeKind kind, long offset, long length)
    {
        Invariant.That(offset >= 0 && (length > 0 || kind == ChangeKind.Size), "a range is not empty");
        return options.Writable
            ? Perform(operation, offset, length, () => new Change(kind, offset, length, null), Nothing)
            : new((IoStatus)BadDescriptor);
    }

    private ValueTask<IoStatus> Perform(
        SimulatedOperation operation,
        long offset,
        long length,
        Func<Change?> change,
        Func<IoStatus> effect
    )
    {
        Invariant.That(offset >= 0 && !isClosed, "a request lies in an open file");
        if (engine.IsDead)
        {
            return SimulatedEngine.Never<IoStatus>();
        }
        machine.Note(operation, offset, length);
        var request = new SimulatedRequest(engine, inode, operation, change, effect);
        var (failure, crash) = machine.Faults.Next(operation, inode.Path);
        if (machine.CompletesAtOnce())
        {
            var status = End(request, failure, crash);
            return engine.IsDead ? SimulatedEngine.Never<IoStatus>() : new(status);
        }
        var done = new Completion<IoStatus>();
        machine.Begin(request);
        underWay++;
        engine.SimulatedLoop.After(
            machine.Latency(),
            () =>
            {
                if (engine.IsDead)
                {
                    return;
                }
                machine.End(request);
                underWay--;
                var status = End(request, failure, crash);
                if (!engine.IsDead)
                {
                    done.Set(status);
                }
            }
        );
        return done.Task;
    }

    private IoStatus End(SimulatedRequest request, IoStatus failure, CrashKind? crash)
    {
        var status = failure;
        if (failure == IoStatus.Ok)
        {
            status = request.Complete(machine);
        }
        else
        {
            request.EndHalfway(machine.Chance);
        }
        if (crash is { } kind)
        {
            machine.Crash(kind);
        }
        return status;
    }

    private unsafe bool IsAligned(long offset, ReadOnlySpan<byte> memory)
    {
        var alignment = RequestAlignment;
        return alignment == 1
            || (
                offset % alignment == 0
                && memory.Length % alignment == 0
                && (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory)) % alignment == 0
            );
    }
}
