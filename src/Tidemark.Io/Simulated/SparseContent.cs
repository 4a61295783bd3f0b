namespace Tidemark.Io.Simulated;

/// <summary>Bytes of a simulated file, held in pages; a page that is not there is a hole and reads as zeroes.</summary>
internal sealed class SparseContent
{
    public const int PageBytes = 4096;

    private readonly Dictionary<long, byte[]> pages = [];

    public long Length { get; set; }

    public long PageCount => pages.Count;

    public void Read(long offset, Span<byte> target)
    {
        while (target.Length > 0)
        {
            var (page, at) = (offset / PageBytes, (int)(offset % PageBytes));
            var count = Math.Min(target.Length, PageBytes - at);
            if (pages.TryGetValue(page, out var bytes))
            {
                bytes.AsSpan(at, count).CopyTo(target);
            }
            else
            {
                target[..count].Clear();
            }
            offset += count;
            target = target[count..];
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        Length = Math.Max(Length, offset + data.Length);
        while (data.Length > 0)
        {
            var (page, at) = (offset / PageBytes, (int)(offset % PageBytes));
            var count = Math.Min(data.Length, PageBytes - at);
            data[..count].CopyTo(Page(page).AsSpan(at));
            offset += count;
            data = data[count..];
        }
    }

    /// <summary>Zeroes a range: whole pages become holes unless <paramref name="keep"/>, parts of pages are cleared.</summary>
    public void Zero(long offset, long length, bool keep)
    {
        var end = offset + length;
        var (first, last) = (offset / PageBytes, (end - 1) / PageBytes);
        if (keep)
        {
            for (var page = first; page <= last; page++)
            {
                _ = Page(page);
            }
        }
        foreach (var page in Present(first, last))
        {
            var (start, stop) = (Math.Max(offset, page * PageBytes), Math.Min(end, (page + 1) * PageBytes));
            if (!keep && stop - start == PageBytes)
            {
                _ = pages.Remove(page);
            }
            else
            {
                pages[page].AsSpan((int)(start - (page * PageBytes)), (int)(stop - start)).Clear();
            }
        }
    }

    /// <summary>Gives the range pages without changing what it reads as.</summary>
    public void Allocate(long offset, long length)
    {
        for (var page = offset / PageBytes; page <= (offset + length - 1) / PageBytes; page++)
        {
            _ = Page(page);
        }
        Length = Math.Max(Length, offset + length);
    }

    public void Truncate(long length)
    {
        if (length < Length)
        {
            Zero(length, Length - length, keep: false);
            foreach (var page in Present((length + PageBytes - 1) / PageBytes, long.MaxValue))
            {
                _ = pages.Remove(page);
            }
        }
        Length = length;
    }

    /// <summary>How many pages of the range are holes.</summary>
    public long CountMissing(long offset, long length)
    {
        var missing = 0L;
        for (var page = offset / PageBytes; page <= (offset + length - 1) / PageBytes; page++)
        {
            missing += pages.ContainsKey(page) ? 0 : 1;
        }
        return missing;
    }

    /// <summary>Whether the offset, which lies in the file, is data, and how far that goes.</summary>
    public (bool IsData, long Length) Extent(long offset)
    {
        var page = offset / PageBytes;
        var isData = pages.ContainsKey(page);
        long next;
        if (isData)
        {
            next = page + 1;
            while (pages.ContainsKey(next))
            {
                next++;
            }
        }
        else
        {
            next = pages.Keys.Where(other => other > page).DefaultIfEmpty(long.MaxValue / PageBytes).Min();
        }
        return (isData, Math.Min(next * PageBytes, Length) - offset);
    }

    public SparseContent Copy()
    {
        var copy = new SparseContent { Length = Length };
        foreach (var (page, bytes) in pages)
        {
            copy.pages[page] = [.. bytes];
        }
        return copy;
    }

    private byte[] Page(long page)
    {
        if (!pages.TryGetValue(page, out var bytes))
        {
            pages[page] = bytes = new byte[PageBytes];
        }
        return bytes;
    }

    private long[] Present(long first, long last) =>
        last - first < pages.Count
            ? [.. Range(first, last).Where(pages.ContainsKey)]
            : [.. pages.Keys.Where(page => page >= first && page <= last).Order()];

    private static IEnumerable<long> Range(long first, long last)
    {
        for (var page = first; page <= last; page++)
        {
            yield return page;
        }
    }
}
