using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;

namespace Tidemark.Cli.Img;

/// <summary>
/// Before an image gets another backing file: writes into it what it would lose, that is what it does not have itself and
/// what differs between the old backing file and the new one. Either may be missing, or shorter: there it reads as zeroes.
/// </summary>
internal sealed class RebaseCopy(BlockNode image, BlockNode? newBacking, Progress progress)
{
    private const int Piece = 2 << 20;
    private const int Unit = 4096;

    /// <summary>Does it; throws <see cref="CommandException"/>.</summary>
    public async Task RunAsync()
    {
        await using var target = BlockBackend.Create(
            image,
            BlockPermissions.ConsistentRead | BlockPermissions.Write,
            BlockPermissions.All
        );
        var oldBacking = image.BackingChild?.Node;
        var size = image.SizeBytes;
        // What the image has itself costs nothing and counts for nothing; each look at the rest counts as a whole piece.
        var (steps, allSteps) = (0L, (size + Piece - 1) / Piece);
        progress.Show(0, allSteps);
        for (var offset = 0L; offset < size; )
        {
            var run = new ByteRange(offset, Math.Min(Piece, size - offset));
            var (own, _) = await image.BlockStatusAboveAsync(oldBacking, includeBase: false, run, wantZero: false);
            Check(own.Status, "error while reading image metadata");
            run = new ByteRange(offset, own.Length);
            if (!own.IsAllocated)
            {
                await CopyDifferencesAsync(target, oldBacking, run);
                progress.Show(++steps, allSteps);
            }
            offset = run.End;
        }
        Check(await target.FlushAsync(), "error while flushing the image");
    }

    private async Task CopyDifferencesAsync(BlockBackend target, BlockNode? oldBacking, ByteRange run)
    {
        using var before = await ReadAsync(oldBacking, run, "old");
        using var after = await ReadAsync(newBacking, run, "new");
        var unit = Math.Max(Unit, image.Driver.ClusterSize);
        for (var at = 0; at < run.Length; )
        {
            var length = NextPiece(run, at, unit);
            var piece = before.Memory.Slice(at, length);
            if (!piece.Span.SequenceEqual(after.Memory.Span.Slice(at, length)))
            {
                var range = new ByteRange(run.Offset + at, length);
                var status = piece.Span.ContainsAnyExcept((byte)0)
                    ? await target.WriteAsync(range, piece)
                    : await target.WriteZeroesAsync(range);
                Check(status, "Error while writing to COW image");
            }
            at += length;
        }
    }

    private static int NextPiece(ByteRange run, int at, int unit)
    {
        var start = run.Offset + at;
        return (int)(Math.Min(Alignment.Up(start + 1, unit), run.End) - start);
    }

    private static async Task<AlignedBuffer> ReadAsync(BlockNode? node, ByteRange run, string which)
    {
        var buffer = AlignedBufferPool.Shared.Rent((int)run.Length);
        var inside = (int)Math.Clamp((node?.SizeBytes ?? 0) - run.Offset, 0, run.Length);
        buffer.Memory.Span[inside..].Clear();
        if (inside > 0)
        {
            Check(
                await node!.ReadAsync(new ByteRange(run.Offset, inside), buffer.Memory[..inside], RequestFlags.None),
                $"error while reading from {which} backing file"
            );
        }
        return buffer;
    }

    private static void Check(IoStatus status, string message)
    {
        if (status != IoStatus.Ok)
        {
            throw new CommandException($"{message}: {status.Describe()}");
        }
    }
}
