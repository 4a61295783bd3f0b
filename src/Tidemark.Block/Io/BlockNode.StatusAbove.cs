using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Graph;

public sealed partial class BlockNode
{
    /// <summary>
    /// What is known of the run at the range's offset when it is read through this node and the chain below it, down to but (unless
    /// <paramref name="includeBase"/>) not including <paramref name="baseNode"/>; null is the whole chain.
    /// </summary>
    public async ValueTask<ChainStatus> BlockStatusAboveAsync(
        BlockNode? baseNode,
        bool includeBase,
        ByteRange range,
        bool wantZero
    )
    {
        if (ReferenceEquals(this, baseNode) && !includeBase)
        {
            return new(new BlockStatus(IoStatus.Ok, BlockStatusFlags.None, range.Length), 0);
        }
        var node = this;
        var depth = 1;
        var answer = await node.BlockStatusAsync(range, wantZero);
        if (answer.Status != IoStatus.Ok || answer.Length == 0)
        {
            return new(answer, 0);
        }
        var end = (answer.Flags & BlockStatusFlags.Eof) != 0 ? range.Offset + answer.Length : -1;
        while (
            !answer.IsAllocated
            && node.NextInChain is { } next
            && (includeBase ? !ReferenceEquals(node, baseNode) : !ReferenceEquals(next, baseNode))
        )
        {
            node = next;
            depth++;
            var left = answer.Length;
            answer = await node.BlockStatusAsync(new ByteRange(range.Offset, left), wantZero);
            if (answer.Status != IoStatus.Ok)
            {
                return new(answer, depth);
            }
            if (answer.Length == 0)
            {
                // Behind the end of this layer: zeroes, and it is this layer that decides so.
                answer = new(IoStatus.Ok, BlockStatusFlags.Zero | BlockStatusFlags.Allocated, left, 0, node);
            }
            answer = answer with { Flags = answer.Flags & ~BlockStatusFlags.Eof };
        }
        if (range.Offset + answer.Length == end)
        {
            answer = answer with { Flags = answer.Flags | BlockStatusFlags.Eof };
        }
        return new(answer, answer.IsAllocated ? depth : 0);
    }
}
