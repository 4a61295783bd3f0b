using System.Numerics;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;

namespace Tidemark.Cli.Img;

/// <summary>
/// Copies the sources' content into the target, piece by piece, several at a time. What reads as zeroes, or comes from the
/// target's backing file, is not written where the target gives it anyway.
/// </summary>
internal sealed class ConvertCopy : IAsyncDisposable
{
    private const int SmallPiece = 1 << 20;
    private const int LargePiece = 2 << 20;
    private const int PageBytes = 4096;

    private readonly ConvertPlan plan;
    private readonly Progress progress;
    private readonly List<(BlockBackend Image, long Start)> sources = [];
    private readonly BlockBackend target;
    private readonly bool readsAsZeroes;
    private readonly BlockNode? targetBacking;
    private readonly int edge;
    private readonly int unit;
    private readonly long shortestGap;
    private readonly int longestPiece;
    private readonly LoopMutex turn = new();
    private readonly LoopSignal pieceWritten = new();
    private long found;
    private long written;
    private bool isFailed;
    private long next;
    private long done;
    private long toCopy;

    private ConvertCopy(ConvertPlan plan, BlockBackend target, Progress progress)
    {
        (this.plan, this.target, this.progress) = (plan, target, progress);
        // -S 0 wants every byte written; a file that is there already may hold anything.
        targetBacking = plan.BackingFile is null ? null : target.Node.BackingChild?.Node;
        readsAsZeroes = !plan.SkipCreation || plan.TargetIsZero;
        var cluster = Math.Max(512, target.Node.Driver.ClusterSize);
        unit = (int)Math.Clamp((long)BitOperations.RoundUpToPowerOf2((ulong)plan.SparseBytes + 1) / 2, cluster, LargePiece);
        // Where only longer gaps than a cluster are left out, a hole's edge is where a piece, and its search for gaps, begins.
        edge = plan.SparseBytes > cluster && !plan.Compress ? 512 : cluster;
        // Compressed clusters are written as a whole, and left out one by one.
        unit = plan.Compress ? cluster : unit;
        shortestGap = plan.Compress ? cluster : Math.Max(plan.SparseBytes, unit);
        // Gaps are looked for within a piece: where it matters where one ends, the pieces are the reference's.
        longestPiece = plan.SparseBytes <= Math.Max(cluster, PageBytes) ? SmallPiece : LargePiece;
    }

    /// <summary>Gets hold of the images; the caller disposes it. Throws <see cref="BlockException"/>, and then holds none.</summary>
    public static async ValueTask<ConvertCopy> BeginAsync(
        ConvertPlan plan,
        List<BlockNode> sources,
        BlockNode target,
        Progress progress
    )
    {
        var permissions = BlockPermissions.ConsistentRead | BlockPermissions.Write;
        var copy = new ConvertCopy(plan, BlockBackend.Create(target, permissions, BlockPermissions.All), progress);
        try
        {
            foreach (var source in sources)
            {
                var image = BlockBackend.Create(source, BlockPermissions.ConsistentRead, BlockPermissions.All);
                copy.sources.Add((image, copy.Total));
                copy.Total += source.SizeBytes;
            }
            return copy;
        }
        catch
        {
            await copy.DisposeAsync();
            throw;
        }
    }

    private long Total { get; set; }

    /// <summary>Does it; throws <see cref="CommandException"/> at the first failure, when all pieces under way have ended.</summary>
    public async Task RunAsync()
    {
        if (plan.ShowProgress)
        {
            toCopy = await CountAsync();
            progress.Show(0, Math.Max(toCopy, 1));
        }
        var workers = new Task[plan.Workers];
        for (var i = 0; i < workers.Length; i++)
        {
            workers[i] = WorkAsync();
        }
        await Task.WhenAll(workers);
        var status = await target.FlushAsync();
        Check(status, "error while flushing the target");
    }

    public async ValueTask DisposeAsync()
    {
        await target.DisposeAsync();
        foreach (var (image, _) in sources)
        {
            await image.DisposeAsync();
        }
    }

    private async Task WorkAsync()
    {
        while (true)
        {
            await turn.EnterAsync();
            (ByteRange Range, bool IsZero, bool Skip) piece;
            long number;
            try
            {
                if (next >= Total || isFailed)
                {
                    return;
                }
                piece = await FindPieceAsync(next);
                next = piece.Range.End;
                number = found++;
            }
            catch
            {
                isFailed = true;
                throw;
            }
            finally
            {
                turn.Exit();
            }
            try
            {
                await CopyAsync(piece.Range, piece.IsZero, piece.Skip, number);
            }
            catch
            {
                // The other workers stop at their next piece.
                isFailed = true;
                throw;
            }
            finally
            {
                written++;
                pieceWritten.Wake();
            }
            if (IsWork(piece.IsZero, piece.Skip))
            {
                done += piece.Range.Length;
                progress.Show(done, Math.Max(toCopy, done));
            }
        }
    }

    // What is skipped costs nothing, and is no part of the progress.
    private async ValueTask<long> CountAsync()
    {
        var count = 0L;
        for (var offset = 0L; offset < Total; )
        {
            var (range, isZero, skip) = await FindPieceAsync(offset);
            count += IsWork(isZero, skip) ? range.Length : 0;
            offset = range.End;
        }
        return count;
    }

    private bool IsWork(bool isZero, bool skip) => !skip && !(isZero && readsAsZeroes && targetBacking is null);

    private async ValueTask<(ByteRange Range, bool IsZero, bool Skip)> FindPieceAsync(long offset)
    {
        var (image, start) = sources.FindLast(s => s.Start <= offset && offset < s.Start + s.Image.SizeBytes);
        var wanted = ByteRange.Between(offset - start, image.SizeBytes);
        if (targetBacking is not null)
        {
            // Above the common backing file, only what the layers hold is the image's own.
            var (own, _) = await image.BlockStatusAboveAsync(FindShared(image.Node), wanted, wantZero: false);
            CheckStatus(own, offset);
            if (!own.IsAllocated && offset + own.Length <= targetBacking.SizeBytes)
            {
                return (new ByteRange(offset, own.Length), IsZero: false, Skip: true);
            }
            wanted = new ByteRange(wanted.Offset, own.Length);
        }
        var (status, _) = await image.BlockStatusAboveAsync(baseNode: null, wanted, wantZero: plan.SparseBytes > 0);
        CheckStatus(status, offset);
        return Align(offset, status, start + image.SizeBytes);
    }

    // A hole's edges may be moved to those of clusters of the target: one that is partly zero is data.
    private (ByteRange Range, bool IsZero, bool Skip) Align(long offset, BlockStatus status, long sourceEnd)
    {
        var end = offset + status.Length;
        if (status.IsZero && plan.SparseBytes > 0)
        {
            var wholeEnd = end == sourceEnd ? end : Alignment.Down(end, edge);
            if (wholeEnd > offset)
            {
                return (ByteRange.Between(offset, wholeEnd), IsZero: true, Skip: false);
            }
        }
        end = Math.Min(end, offset + longestPiece - (offset & (edge - 1)));
        return (ByteRange.Between(offset, Math.Min(Alignment.Up(end, edge), sourceEnd)), IsZero: false, Skip: false);
    }

    private BlockNode? FindShared(BlockNode image)
    {
        for (var layer = image.NextInChain; layer is not null; layer = layer.NextInChain)
        {
            if (layer.Driver.ExactFilename is { } name && name == targetBacking!.Driver.ExactFilename)
            {
                return layer;
            }
        }
        return image.NextInChain;
    }

    private async Task CopyAsync(ByteRange range, bool isZero, bool skip, long number)
    {
        if (skip || isZero)
        {
            if (await WaitForTurnAsync(number) && isZero)
            {
                await WriteZeroesAsync(range);
            }
            return;
        }
        using var buffer = AlignedBufferPool.Shared.Rent((int)range.Length);
        var (image, start) = sources.FindLast(s => s.Start <= range.Offset && range.Offset < s.Start + s.Image.SizeBytes);
        var status = await image.ReadAsync(
            new ByteRange(range.Offset - start, range.Length),
            buffer.Memory,
            RequestFlags.Background
        );
        Check(status, $"error while reading at byte {range.Offset}");
        if (await WaitForTurnAsync(number))
        {
            await WriteAsync(range, buffer.Memory);
        }
    }

    // Pieces are read several at a time and written in the order of the disk: a format allocates clusters as they come. False
    // when a piece in front has failed.
    private async ValueTask<bool> WaitForTurnAsync(long number)
    {
        while (!plan.OutOfOrder && written < number && !isFailed)
        {
            await pieceWritten.WaitAsync();
        }
        return !isFailed;
    }

    // Runs of whole units that are zero are left out, or written as zeroes; the rest goes out in as few writes as there are runs.
    private async Task WriteAsync(ByteRange range, ReadOnlyMemory<byte> data)
    {
        if (plan.SparseBytes == 0)
        {
            await WriteDataAsync(range, data);
            return;
        }
        for (var at = 0; at < data.Length; )
        {
            var (length, isZero) = NextRun(data.Span[at..], range.Offset + at);
            var run = new ByteRange(range.Offset + at, length);
            if (isZero)
            {
                await WriteZeroesAsync(run);
            }
            else
            {
                await WriteDataAsync(run, data.Slice(at, length));
            }
            at += length;
        }
    }

    private async Task WriteDataAsync(ByteRange range, ReadOnlyMemory<byte> data)
    {
        // Where one source ends within a cluster of the target and the next begins, there is nothing whole to pack.
        var packs =
            plan.Compress && Alignment.Is(range.Offset, edge) && (Alignment.Is(range.End, edge) || range.End == target.SizeBytes);
        var flags = RequestFlags.Background | (packs ? RequestFlags.Compressed : RequestFlags.None);
        Check(await target.WriteAsync(range, data, flags), $"error while writing at byte {range.Offset}");
    }

    // Zeroes at the beginning are left out, however few units they are; further on only a gap that is long enough is.
    private (int Length, bool IsZero) NextRun(ReadOnlySpan<byte> data, long offset)
    {
        var (used, isZero) = SameUnits(data, offset);
        var gap = Math.Min(shortestGap, data.Length);
        for (var at = used; !isZero && at < data.Length; )
        {
            var (length, isGap) = SameUnits(data[at..], offset + at);
            if (isGap && length >= gap)
            {
                break;
            }
            at += length;
            used = isGap ? used : at;
        }
        return (used, isZero);
    }

    private (int Length, bool IsZero) SameUnits(ReadOnlySpan<byte> data, long offset)
    {
        var length = UnitAt(data, offset, 0);
        var isZero = !data[..length].ContainsAnyExcept((byte)0);
        while (length < data.Length)
        {
            var more = UnitAt(data, offset, length);
            if (!data.Slice(length, more).ContainsAnyExcept((byte)0) != isZero)
            {
                break;
            }
            length += more;
        }
        return (length, isZero);
    }

    private int UnitAt(ReadOnlySpan<byte> data, long offset, int at) =>
        (int)Math.Min(data.Length - at, unit - ((offset + at) % unit));

    private async Task WriteZeroesAsync(ByteRange range)
    {
        if (readsAsZeroes && targetBacking is null)
        {
            return;
        }
        Check(await target.WriteZeroesAsync(range, RequestFlags.MayUnmap), $"error while writing zeroes at byte {range.Offset}");
    }

    private static void CheckStatus(BlockStatus status, long offset) =>
        Check(status.Status, $"error while reading block status at offset {offset}");

    private static void Check(IoStatus status, string message)
    {
        if (status != IoStatus.Ok)
        {
            throw new CommandException($"{message}: {status.Describe()}");
        }
    }
}
