using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Graph;

public sealed partial class BlockNode
{
    /// <summary>
    /// Lets go of the range's content where that is allowed (discard=unmap) and the driver can; a hint, so that what it can't
    /// do counts as done. Marks like a write unless discards are ignored.
    /// </summary>
    public ValueTask<IoStatus> DiscardAsync(ByteRange range)
    {
        if (IsReadOnly)
        {
            return new(IoStatus.NotPermitted);
        }
        return Options.Discard == DiscardMode.Ignore ? new(IoStatus.Ok) : DiscardTrackedAsync(range);
    }

    private async ValueTask<IoStatus> DiscardTrackedAsync(ByteRange range)
    {
        var request = await requests.BeginAsync(range);
        try
        {
            var offset = range.Offset;
            while (offset < range.End)
            {
                var piece = NextPiece(ByteRange.Between(offset, range.End), limits.DiscardAlignment, limits.MaxDiscard);
                offset = piece.End;
                if (!Alignment.Is(piece.Offset | piece.Length, limits.RequestAlignment))
                {
                    continue;
                }
                var status = await Driver.DiscardAsync(piece);
                if (status is not (IoStatus.Ok or IoStatus.NotSupported))
                {
                    return status;
                }
            }
            return IoStatus.Ok;
        }
        finally
        {
            Changed(range);
            requests.End(request);
        }
    }
}
