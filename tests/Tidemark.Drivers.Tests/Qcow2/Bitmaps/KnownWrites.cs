using Tidemark.Bitmaps;
using Tidemark.Core.Units;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2.Bitmaps;

/// <summary>Ranges that a test writes, and what bitmaps of any granularity must say about them: worked out without any bitmap code.</summary>
internal sealed class KnownWrites(long sizeBytes)
{
    private readonly List<ByteRange> ranges = [];

    /// <summary>The ranges, as written.</summary>
    public IReadOnlyList<ByteRange> Ranges => ranges;

    /// <summary>Seeded ranges over the whole disk, some large.</summary>
    public static KnownWrites Some(long sizeBytes, int count, int seed)
    {
        var random = new Random(seed);
        var writes = new KnownWrites(sizeBytes);
        for (var i = 0; i < count; i++)
        {
            var offset = random.NextInt64(sizeBytes / 512) * 512;
            var length = random.NextInt64(1, i % 5 == 0 ? 4096 : 32) * 512;
            writes.Add(offset, Math.Min(length, sizeBytes - offset));
        }
        return writes;
    }

    public void Add(long offset, long length) => ranges.Add(new ByteRange(offset, length));

    /// <summary>Dirty runs at that granularity, cut at the end of the disk, in order and merged.</summary>
    public List<(long Offset, long Length)> Dirty(long granularity)
    {
        var granules = new SortedSet<long>();
        foreach (var range in ranges)
        {
            for (var granule = range.Offset / granularity; granule <= (range.End - 1) / granularity; granule++)
            {
                _ = granules.Add(granule);
            }
        }
        var runs = new List<(long Offset, long Length)>();
        foreach (var granule in granules)
        {
            var (start, end) = (granule * granularity, Math.Min((granule + 1) * granularity, sizeBytes));
            if (runs.Count > 0 && runs[^1].Offset + runs[^1].Length == start)
            {
                runs[^1] = (runs[^1].Offset, end - runs[^1].Offset);
            }
            else
            {
                runs.Add((start, end - start));
            }
        }
        return runs;
    }

    /// <summary>What a bitmap of ours says.</summary>
    public static List<(long Offset, long Length)> Of(DirtyBitmap bitmap)
    {
        var runs = new List<(long Offset, long Length)>();
        for (long at = 0; bitmap.Content.NextDirtyArea(at, bitmap.SizeBytes, long.MaxValue, out var area); at = area.End)
        {
            runs.Add((area.Offset, area.Length));
        }
        return runs;
    }

    /// <summary>What the real daemon says about a stored bitmap, by nbdinfo on its export.</summary>
    public static List<(long Offset, long Length)> OfReal(string image, string bitmap)
    {
        using var qemu = RealQemu.Start();
        // The daemon is killed in the end, which would spoil the image's own bitmaps.
        var copy = Path.Combine(qemu.Folder, "copy.qcow2");
        System.IO.File.Copy(image, copy);
        _ = qemu.Execute(
            "blockdev-add",
            $$"""{"driver": "qcow2", "node-name": "disk", "file": {"driver": "file", "filename": "{{copy}}"} }"""
        );
        _ = qemu.Execute("block-dirty-bitmap-disable", $$"""{"node": "disk", "name": "{{bitmap}}"}""");
        qemu.Export("disk", bitmap);
        var map = ProgramRun.Of("nbdinfo", $"--map=qemu:dirty-bitmap:{bitmap}", qemu.NbdUri("disk")).MustSucceed().Output;
        var runs = new List<(long Offset, long Length)>();
        foreach (var line in map.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields[2] == "1")
            {
                runs.Add((long.Parse(fields[0]), long.Parse(fields[1])));
            }
        }
        return runs;
    }
}
