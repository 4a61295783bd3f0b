using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Tests.Qcow2;

/// <summary>
/// What each sector of a disk may hold after a crash: what it held at the last flush, or anything written since. Every write
/// fills its sectors with one byte of its own.
/// </summary>
internal sealed class SectorModel(int sectors)
{
    private const int Sector = 512;
    private readonly List<HashSet<byte>> allowed = [.. Enumerable.Range(0, sectors).Select(static _ => new HashSet<byte> { 0 })];
    private readonly byte?[] current = [.. Enumerable.Repeat<byte?>(0, sectors)];
    private byte next;

    public int Sectors => allowed.Count;

    /// <summary>The same, going its own way from here on.</summary>
    public SectorModel Copy()
    {
        var copy = new SectorModel(Sectors) { next = next };
        current.CopyTo(copy.current, 0);
        for (var i = 0; i < Sectors; i++)
        {
            copy.allowed[i] = [.. allowed[i]];
        }
        return copy;
    }

    /// <summary>Writes a run of sectors; a failure leaves either content.</summary>
    public async Task WriteAsync(BlockBackend image, int first, int count, RequestFlags flags = RequestFlags.None)
    {
        var value = ++next == 0 ? ++next : next;
        var data = new byte[count * Sector];
        data.AsSpan().Fill(value);
        Begin(first, count, value);
        End(first, count, value, await image.WriteAsync(RangeOf(first, count), data, flags));
    }

    /// <summary>Zeroes a run of sectors.</summary>
    public async Task ZeroAsync(BlockBackend image, int first, int count, RequestFlags flags)
    {
        Begin(first, count, 0);
        End(first, count, 0, await image.WriteZeroesAsync(RangeOf(first, count), flags));
    }

    /// <summary>Discards a run of sectors: each is zero or what it was.</summary>
    public async Task DiscardAsync(BlockBackend image, int first, int count)
    {
        Begin(first, count, 0);
        _ = await image.DiscardAsync(RangeOf(first, count));
        End(first, count, 0, IoStatus.IoError);
    }

    /// <summary>Flushes; if that goes well only the newest content is left.</summary>
    public async Task<IoStatus> FlushAsync(BlockBackend image)
    {
        var before = current.ToArray();
        var status = await image.FlushAsync();
        for (var i = 0; status == IoStatus.Ok && i < allowed.Count; i++)
        {
            if (before[i] is { } value && current[i] == value)
            {
                allowed[i] = [value];
            }
        }
        return status;
    }

    /// <summary>Fails unless every sector of the disk holds something that it may hold.</summary>
    public void Check(ReadOnlySpan<byte> disk, string what)
    {
        for (var i = 0; i < Math.Min(allowed.Count, disk.Length / Sector); i++)
        {
            var sector = disk.Slice(i * Sector, Sector);
            var value = sector[0];
            Assert.True(
                !sector.ContainsAnyExcept(value) && allowed[i].Contains(value),
                $"{what}: sector {i} holds {value}, may hold {string.Join(", ", allowed[i])}"
            );
        }
    }

    private static ByteRange RangeOf(int first, int count) => new((long)first * Sector, (long)count * Sector);

    private void Begin(int first, int count, byte value)
    {
        for (var i = first; i < first + count; i++)
        {
            _ = allowed[i].Add(value);
            current[i] = null;
        }
    }

    private void End(int first, int count, byte value, IoStatus status)
    {
        for (var i = first; status == IoStatus.Ok && i < first + count; i++)
        {
            current[i] = value;
        }
    }
}
