using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Graph;

public sealed partial class BlockNode
{
    /// <summary>
    /// What this node, without its backing file, knows of the run at the range's offset. With <paramref name="wantZero"/> zeroes
    /// are searched for, in the file below too; without it the answer is quick and only allocation counts. Length 0 behind the end.
    /// </summary>
    public async ValueTask<BlockStatus> BlockStatusAsync(ByteRange range, bool wantZero)
    {
        var size = SizeBytes;
        if (range.Offset >= size)
        {
            return new(IoStatus.Ok, BlockStatusFlags.Eof, 0);
        }
        var wanted = ByteRange.Between(range.Offset, Math.Min(range.End, size));
        var aligned = wanted.Expand(limits.RequestAlignment);
        var answer = await Driver.BlockStatusAsync(aligned, wantZero);
        if (answer.Status != IoStatus.Ok)
        {
            return answer;
        }
        Invariant.That(
            answer.Length > 0 && Alignment.Is(answer.Length, limits.RequestAlignment) || aligned.Offset + answer.Length >= size,
            "a driver answers for whole blocks"
        );
        answer = Clip(answer, aligned.Offset, wanted);
        if ((answer.Flags & BlockStatusFlags.Raw) != 0)
        {
            var below = await answer.File!.BlockStatusAsync(new ByteRange(answer.HostOffset, answer.Length), wantZero);
            return below.Status != IoStatus.Ok ? below
                : below.Length == 0 ? answer with { Flags = BlockStatusFlags.Zero | BlockStatusFlags.Allocated }
                : WithEnd(below, wanted.Offset, size);
        }
        answer = AddAllocation(answer, wanted.Offset, wantZero);
        if (
            wantZero
            && (answer.Flags & BlockStatusFlags.Recurse) != 0
            && (answer.Flags & (BlockStatusFlags.Zero | BlockStatusFlags.Data)) == BlockStatusFlags.Data
        )
        {
            answer = await AskBelowAsync(answer);
        }
        return WithEnd(answer, wanted.Offset, size);
    }

    private static BlockStatus Clip(BlockStatus answer, long answeredFrom, ByteRange wanted)
    {
        var skipped = wanted.Offset - answeredFrom;
        return answer with
        {
            Length = Math.Min(answer.Length - skipped, wanted.Length),
            HostOffset = answer.HostOffset + skipped,
        };
    }

    private BlockStatus AddAllocation(BlockStatus answer, long offset, bool wantZero)
    {
        if ((answer.Flags & (BlockStatusFlags.Data | BlockStatusFlags.Zero)) != 0)
        {
            return answer with { Flags = answer.Flags | BlockStatusFlags.Allocated };
        }
        if (wantZero && Definition.SupportsBacking && (BackingChild is not { } backing || offset >= backing.Node.SizeBytes))
        {
            return answer with { Flags = answer.Flags | BlockStatusFlags.Zero };
        }
        return answer;
    }

    private static async ValueTask<BlockStatus> AskBelowAsync(BlockStatus answer)
    {
        var below = await answer.File!.BlockStatusAsync(new ByteRange(answer.HostOffset, answer.Length), wantZero: true);
        if (below.Status != IoStatus.Ok)
        {
            // The file's knowledge is a bonus.
            return answer;
        }
        if ((below.Flags & BlockStatusFlags.Eof) != 0 && (below.Length == 0 || below.IsZero))
        {
            return answer with { Flags = answer.Flags | BlockStatusFlags.Zero };
        }
        return answer with { Length = below.Length, Flags = answer.Flags | (below.Flags & BlockStatusFlags.Zero) };
    }

    private static BlockStatus WithEnd(BlockStatus answer, long offset, long size)
    {
        var flags = answer.Flags & ~(BlockStatusFlags.Eof | BlockStatusFlags.Recurse | BlockStatusFlags.Raw);
        return answer with { Flags = offset + answer.Length == size ? flags | BlockStatusFlags.Eof : flags };
    }
}
