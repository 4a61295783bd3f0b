using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;

namespace Tidemark.Cli.Img;

/// <summary>Walks two images side by side, run by run, reading only where their status does not settle it.</summary>
internal sealed class ImageComparison(
    BlockBackend first,
    BlockBackend second,
    string firstName,
    string secondName,
    bool strict,
    Progress progress,
    Action<string> warn
)
{
    private const int ReadFailed = 4;
    private const int StatusFailed = 3;
    private const int Piece = 2 << 20;

    /// <summary>The first difference as a line for people, or null.</summary>
    public async Task<string?> FindDifferenceAsync()
    {
        var total = Math.Max(first.SizeBytes, second.SizeBytes);
        var common = Math.Min(first.SizeBytes, second.SizeBytes);
        progress.Show(0, total);
        for (var offset = 0L; offset < common; )
        {
            var range = ByteRange.Between(offset, common);
            var one = await StatusAsync(first, firstName, range);
            var two = await StatusAsync(second, secondName, range);
            if (strict && one.Flags != two.Flags)
            {
                return $"Strict mode: Offset {offset} block status mismatch!";
            }
            var run = new ByteRange(offset, Math.Min(Math.Min(one.Length, two.Length), Piece));
            if (!(one.IsZero && two.IsZero))
            {
                var mismatch = await CompareAsync(run, one.IsZero, two.IsZero);
                if (mismatch >= 0)
                {
                    return $"Content mismatch at offset {mismatch}!";
                }
            }
            else
            {
                run = new ByteRange(offset, Math.Min(one.Length, two.Length));
            }
            offset = run.End;
            progress.Show(offset, total);
        }
        return await CheckRestAsync(common, total);
    }

    private async Task<string?> CheckRestAsync(long common, long total)
    {
        if (common < total)
        {
            warn("Warning: Image size mismatch!");
        }
        var (longer, name) = first.SizeBytes > second.SizeBytes ? (first, firstName) : (second, secondName);
        for (var offset = common; offset < total; )
        {
            var status = await StatusAsync(longer, name, ByteRange.Between(offset, total));
            if (status.IsZero || !status.IsData)
            {
                offset += status.Length;
                continue;
            }
            var run = new ByteRange(offset, Math.Min(status.Length, Piece));
            using var data = await ReadAsync(longer, name, run);
            var at = data.Memory.Span.IndexOfAnyExcept((byte)0);
            if (at >= 0)
            {
                return $"Content mismatch at offset {offset + Alignment.Down(at, 512)}!";
            }
            offset = run.End;
            progress.Show(offset, total);
        }
        return null;
    }

    private async Task<long> CompareAsync(ByteRange run, bool firstIsZero, bool secondIsZero)
    {
        using var one = firstIsZero ? null : await ReadAsync(first, firstName, run);
        using var two = secondIsZero ? null : await ReadAsync(second, secondName, run);
        var at = (one, two) switch
        {
            (null, { } data) => data.Memory.Span.IndexOfAnyExcept((byte)0),
            ({ } data, null) => data.Memory.Span.IndexOfAnyExcept((byte)0),
            ({ } left, { } right) => FirstDifference(left.Memory.Span, right.Memory.Span),
            _ => -1,
        };
        return at < 0 ? -1 : run.Offset + Alignment.Down(at, 512);
    }

    private static int FirstDifference(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var common = left.CommonPrefixLength(right);
        return common == left.Length ? -1 : common;
    }

    private static async Task<AlignedBuffer> ReadAsync(BlockBackend image, string name, ByteRange run)
    {
        var buffer = AlignedBufferPool.Shared.Rent((int)run.Length);
        var status = await image.ReadAsync(run, buffer.Memory);
        if (status == IoStatus.Ok)
        {
            return buffer;
        }
        ((IDisposable)buffer).Dispose();
        throw new CommandException($"Error while reading offset {run.Offset} of {name}: {status.Describe()}", ReadFailed);
    }

    private static async Task<BlockStatus> StatusAsync(BlockBackend image, string name, ByteRange range)
    {
        var (status, _) = await image.BlockStatusAboveAsync(baseNode: null, range, wantZero: true);
        return status.Status == IoStatus.Ok
            ? status
            : throw new CommandException($"Sector allocation test failed for {name}", StatusFailed);
    }
}
