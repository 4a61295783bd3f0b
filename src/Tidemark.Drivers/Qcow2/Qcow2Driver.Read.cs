using System.Runtime.CompilerServices;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Mapping;

namespace Tidemark.Drivers.Qcow2;

internal sealed partial class Qcow2Driver
{
    /// <inheritdoc/>
    public override ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags)
    {
        if (Image.IsUnusable)
        {
            return new(IoStatus.NoMedium);
        }
        if (
            !Image.File.IsWatched
            && mapper.TryMap(range.Offset, range.Length, out var run, out _)
            && run.Length == range.Length
            && run.Kind < ClusterKind.Compressed
        )
        {
            return ReadRun(run, range, target, flags);
        }
        return ReadScatteredAsync(range, target, flags);
    }

    // A run of one kind, not compressed: one read of the file, of the backing file, or none.
    private ValueTask<IoStatus> ReadRun(GuestRun run, ByteRange range, Memory<byte> target, RequestFlags flags)
    {
        if (run.Kind == ClusterKind.Normal)
        {
            var host = new ByteRange(run.HostOffset, range.Length);
            var task = Image.File.ReadAsync(host, target, flags & RequestFlags.Background);
            return task.IsCompletedSuccessfully ? task : TrackAsync(task, host);
        }
        if (run.Kind == ClusterKind.Unallocated && Node.BackingChild is { } backing)
        {
            // Behind the backing file's end its node gives zeroes.
            return backing.ReadAsync(range, target, flags & RequestFlags.Background);
        }
        target.Span.Clear();
        return new(IoStatus.Ok);
    }

    // While a request waits, the clusters that it found are not given to anybody else.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<IoStatus> TrackAsync(ValueTask<IoStatus> task, ByteRange host)
    {
        Image.BeginHostIo(host);
        try
        {
            return await task;
        }
        finally
        {
            Image.EndHostIo(host);
        }
    }

    private async ValueTask<IoStatus> ReadScatteredAsync(ByteRange range, Memory<byte> target, RequestFlags flags)
    {
        Queue<Task<IoStatus>>? underWay = null;
        var status = IoStatus.Ok;
        var done = 0;
        while (done < target.Length && status == IoStatus.Ok)
        {
            var (mapped, run) = await mapper.MapAsync(range.Offset + done, range.Length - done, forWrite: false);
            if (mapped != IoStatus.Ok)
            {
                status = mapped;
                break;
            }
            var length = (int)run.Length;
            await RaiseReadAsync(run);
            var piece = StartPiece(run, range.Offset + done, target.Slice(done, length), flags);
            done += length;
            if (piece.IsCompletedSuccessfully)
            {
                status = piece.Result;
                continue;
            }
            underWay ??= new();
            underWay.Enqueue(piece.AsTask());
            if (underWay.Count == Qcow2.Limits.ParallelPieces)
            {
                status = await underWay.Dequeue();
            }
        }
        while (underWay is { Count: > 0 })
        {
            var ended = await underWay.Dequeue();
            status = status == IoStatus.Ok ? ended : status;
        }
        return status;
    }

    private ValueTask RaiseReadAsync(GuestRun run) =>
        run.Kind switch
        {
            ClusterKind.Normal => Image.File.RaiseAsync(DebugEvent.ReadAio),
            ClusterKind.Compressed => Image.File.RaiseAsync(DebugEvent.ReadCompressed),
            ClusterKind.Unallocated when Node.BackingChild is not null => Image.File.RaiseAsync(DebugEvent.ReadBackingAio),
            _ => default,
        };

    private ValueTask<IoStatus> StartPiece(GuestRun run, long offset, Memory<byte> target, RequestFlags flags) =>
        run.Kind == ClusterKind.Compressed
            ? compressed.ReadAsync(run.Entry, Image.Geometry.OffsetInCluster(offset), target)
            : ReadRun(run, new ByteRange(offset, target.Length), target, flags);
}
