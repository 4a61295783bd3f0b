using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Check;

namespace Tidemark.Drivers.Tests.Qcow2.Check;

/// <summary>A file in memory that is as long as it says and has only what was put into it: what a hostile image may be.</summary>
internal sealed class SparseCheckStorage(long length) : ICheckStorage
{
    private const int PageBytes = 4096;
    private readonly Dictionary<long, byte[]> pages = [];

    public long Length { get; private set; } = length;

    public ValueTask<IoStatus> ReadAsync(long offset, Memory<byte> target)
    {
        for (var done = 0; done < target.Length; )
        {
            var at = (int)((offset + done) % PageBytes);
            var piece = target.Span.Slice(done, Math.Min(PageBytes - at, target.Length - done));
            if (pages.TryGetValue((offset + done) / PageBytes, out var page))
            {
                page.AsSpan(at, piece.Length).CopyTo(piece);
            }
            else
            {
                piece.Clear();
            }
            done += piece.Length;
        }
        return new(IoStatus.Ok);
    }

    public ValueTask<IoStatus> WriteAsync(long offset, ReadOnlyMemory<byte> data)
    {
        for (var done = 0; done < data.Length; )
        {
            var (number, at) = ((offset + done) / PageBytes, (int)((offset + done) % PageBytes));
            if (!pages.TryGetValue(number, out var page))
            {
                pages.Add(number, page = new byte[PageBytes]);
            }
            var piece = data.Span.Slice(done, Math.Min(PageBytes - at, data.Length - done));
            piece.CopyTo(page.AsSpan(at));
            done += piece.Length;
        }
        Length = Math.Max(Length, offset + data.Length);
        return new(IoStatus.Ok);
    }

    public ValueTask<IoStatus> FlushAsync() => new(IoStatus.Ok);

    public ValueTask<IoStatus> GrowAsync(long length)
    {
        Length = Math.Max(Length, length);
        return new(IoStatus.Ok);
    }

    public ValueTask DiscardAsync(long offset, long length) => default;
}
