using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Cli.Io.Commands;

/// <summary>Which parts of an image its own layer holds.</summary>
internal static class Allocation
{
    /// <summary>Whether the range's beginning is held, and how long that goes on within the range.</summary>
    public static async ValueTask<(IoStatus Status, bool IsAllocated, long Length)> FindAsync(BlockBackend image, ByteRange range)
    {
        bool? isAllocated = null;
        var length = 0L;
        while (length < range.Length)
        {
            var rest = ByteRange.Between(range.Offset + length, range.End);
            var (answer, _) = await image.BlockStatusAboveAsync(image.Node.NextInChain, rest, wantZero: false);
            if (answer.Status != IoStatus.Ok)
            {
                return (answer.Status, false, 0);
            }
            if (answer.Length == 0 || (isAllocated is { } before && before != answer.IsAllocated))
            {
                break;
            }
            isAllocated = answer.IsAllocated;
            length += answer.Length;
        }
        return (IoStatus.Ok, isAllocated ?? false, length > 0 ? length : range.Length);
    }
}
