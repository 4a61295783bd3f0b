using System.Runtime.CompilerServices;
using Tidemark.Block.Contract;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Graph;

// Every verb has a short way, taken while nothing is drained and the node answers at once: it counts nothing and allocates
// nothing. The rest is the same, awaited.
public sealed partial class BlockBackend
{
    private readonly LoopSignal resumed = new();
    private readonly LoopSignal idle = new();

    private bool MustWait => quiesced > 0 && HoldsBackWhileDrained;

    /// <summary>Fills <paramref name="target"/> from the range. Outside the node: <see cref="IoStatus.IoError"/>.</summary>
    public ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags = RequestFlags.None)
    {
        if (MustWait)
        {
            return HeldAsync(range, target, flags);
        }
        if (!IsInside(range, out var refusal))
        {
            return new(refusal);
        }
        return Count(Node.ReadAsync(range, target, flags));

        async ValueTask<IoStatus> HeldAsync(ByteRange range, Memory<byte> target, RequestFlags flags)
        {
            await WaitForResumeAsync();
            return await ReadAsync(range, target, flags);
        }
    }

    /// <summary>Writes <paramref name="data"/>. Outside the node: <see cref="IoStatus.IoError"/>.</summary>
    public ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags = RequestFlags.None)
    {
        if (MustWait)
        {
            return HeldAsync(range, data, flags);
        }
        if (!IsInside(range, out var refusal))
        {
            return new(refusal);
        }
        return Count(Root.WriteAsync(range, data, flags | impliedFlags));

        async ValueTask<IoStatus> HeldAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags)
        {
            await WaitForResumeAsync();
            return await WriteAsync(range, data, flags);
        }
    }

    /// <summary>Makes the range read as zeroes. Outside the node: <see cref="IoStatus.IoError"/>.</summary>
    public ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags = RequestFlags.None)
    {
        if (MustWait)
        {
            return HeldAsync(range, flags);
        }
        return !IsInside(range, out var refusal) ? new(refusal) : Count(Root.WriteZeroesAsync(range, flags | impliedFlags));

        async ValueTask<IoStatus> HeldAsync(ByteRange range, RequestFlags flags)
        {
            await WaitForResumeAsync();
            return await WriteZeroesAsync(range, flags);
        }
    }

    /// <summary>Lets go of the range's content. Outside the node: <see cref="IoStatus.IoError"/>.</summary>
    public ValueTask<IoStatus> DiscardAsync(ByteRange range)
    {
        if (MustWait)
        {
            return HeldAsync(range);
        }
        return !IsInside(range, out var refusal) ? new(refusal) : Count(Root.DiscardAsync(range));

        async ValueTask<IoStatus> HeldAsync(ByteRange range)
        {
            await WaitForResumeAsync();
            return await DiscardAsync(range);
        }
    }

    /// <summary>Makes all that was written durable.</summary>
    public ValueTask<IoStatus> FlushAsync()
    {
        if (MustWait)
        {
            return HeldAsync();
        }
        return root is null ? new(IoStatus.NoMedium) : Count(Node.FlushAsync());

        async ValueTask<IoStatus> HeldAsync()
        {
            await WaitForResumeAsync();
            return await FlushAsync();
        }
    }

    /// <summary>
    /// What is known of the run at the range's offset, through the whole backing chain: see
    /// <see cref="BlockNode.BlockStatusAboveAsync"/>.
    /// </summary>
    public async ValueTask<ChainStatus> BlockStatusAboveAsync(BlockNode? baseNode, ByteRange range, bool wantZero)
    {
        while (MustWait)
        {
            await WaitForResumeAsync();
        }
        inFlight++;
        try
        {
            return await Node.BlockStatusAboveAsync(baseNode, includeBase: false, range, wantZero);
        }
        finally
        {
            End();
        }
    }

    /// <summary>
    /// Where the range's bytes lie in a host's file, for a reader that lets the kernel take them from there; null where they must be
    /// read. The caller's use of the place counts as a request until <see cref="EndHostRead"/>.
    /// </summary>
    public HostPlace? BeginHostRead(ByteRange range)
    {
        if (MustWait || !IsInside(range, out _) || Node.Driver.FindHostPlace(range) is not { } place)
        {
            return null;
        }
        inFlight++;
        return place;
    }

    /// <summary>The place that <see cref="BeginHostRead"/> gave is no longer used.</summary>
    public void EndHostRead() => End();

    /// <summary>Sets the size; needs the permission. Throws <see cref="BlockException"/>.</summary>
    public async ValueTask TruncateAsync(long sizeBytes, bool exact, PreallocationMode preallocation)
    {
        while (MustWait)
        {
            await WaitForResumeAsync();
        }
        inFlight++;
        try
        {
            await Root.TruncateAsync(sizeBytes, exact, preallocation);
        }
        finally
        {
            End();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsInside(ByteRange range, out IoStatus refusal)
    {
        refusal = root is null ? IoStatus.NoMedium : IoStatus.IoError;
        return root is not null && range.End <= root.Node.SizeBytes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ValueTask<IoStatus> Count(ValueTask<IoStatus> task)
    {
        if (task.IsCompletedSuccessfully)
        {
            return task;
        }
        inFlight++;
        return CountedAsync(task);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<IoStatus> CountedAsync(ValueTask<IoStatus> task)
    {
        try
        {
            return await task;
        }
        finally
        {
            End();
        }
    }

    private void End()
    {
        if (--inFlight == 0)
        {
            idle.Wake();
        }
        Graph.RequestEnded();
    }

    private async ValueTask WaitForResumeAsync()
    {
        while (MustWait)
        {
            await resumed.WaitAsync();
        }
    }
}
