using Tidemark.Core.Units;
using Tidemark.Testing;

namespace Tidemark.Bitmaps.Tests;

/// <summary>The same writes and merges here and in the real daemon: digests, counts and extents agree. Rules B1, Q5, Q7, B9.</summary>
public sealed class LiveBitmapTests
{
    private static readonly int[] Granularities = [9, 12, 13, 16, 20, 31];

    public static TheoryData<long> Sizes => new(0, 512, 65536, (100 << 10) + 512, 1 << 20, (64 << 20) + 512, (5L << 30) + 1024);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Writes_give_the_real_daemons_digest_and_count_at_every_granularity(long size)
    {
        using var qemu = StartWithDisk(size);
        var set = new DirtyBitmapSet(size);
        foreach (var bits in Granularities)
        {
            AddBoth(qemu, set, $"g{bits}", bits, recording: true);
        }
        Write(qemu, set, SomeRanges(size, count: 12, seed: 31));
        CompareAll(qemu, set);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Merges_between_granularities_give_the_real_daemons_digest(long size)
    {
        using var qemu = StartWithDisk(size);
        var set = new DirtyBitmapSet(size);
        foreach (var bits in Granularities)
        {
            AddBoth(qemu, set, $"source{bits}", bits, recording: true);
            Write(qemu, set, SomeRanges(size, count: 3, seed: bits));
            _ = qemu.Execute("block-dirty-bitmap-disable", $$"""{"node": "disk", "name": "source{{bits}}"}""");
            set.Find($"source{bits}")!.Disable();
        }
        foreach (var target in Granularities)
        {
            foreach (var source in Granularities)
            {
                var name = $"{source} into {target}";
                AddBoth(qemu, set, name, target, recording: false);
                _ = qemu.Execute(
                    "block-dirty-bitmap-merge",
                    $$"""{"node": "disk", "target": "{{name}}", "bitmaps": ["source{{source}}"]}"""
                );
                set.Find(name)!.MergeFrom([set.Find($"source{source}")!]);
            }
        }
        CompareAll(qemu, set);
    }

    [Fact]
    public void Dirty_extents_are_those_that_nbdinfo_sees_at_the_real_daemon()
    {
        Assert.SkipUnless(ProgramRun.Exists("nbdinfo"), "nbdinfo is not installed (apt-get install libnbd-bin)");
        const long size = (32 << 20) + 512;
        using var qemu = StartWithDisk(size);
        var set = new DirtyBitmapSet(size);
        AddBoth(qemu, set, "b", 12, recording: true);
        Write(qemu, set, SomeRanges(size, count: 20, seed: 33));
        _ = qemu.Execute("block-dirty-bitmap-disable", """{"node": "disk", "name": "b"}""");
        qemu.Unexport("disk");
        qemu.Export("disk", "b");
        var map = ProgramRun.Of("nbdinfo", "--map=qemu:dirty-bitmap:b", qemu.NbdUri("disk")).MustSucceed().Output;
        var ours = new List<(long, long, bool)>();
        for (long at = 0; at < size; at += ours[^1].Item2)
        {
            var (dirty, length) = set.Find("b")!.Content.NextStatus(at, size - at);
            ours.Add((at, length, dirty));
        }
        var theirs = map.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(static fields => (long.Parse(fields[0]), long.Parse(fields[1]), fields[2] == "1"));
        Assert.Equal(theirs, ours);
    }

    [Theory]
    [InlineData(40 << 20)]
    [InlineData((64 << 20) + 512)]
    [InlineData(200 << 20)]
    [InlineData(512)]
    public void Resizing_does_to_the_bits_what_the_real_daemon_does(long newSize)
    {
        const long size = 64 << 20;
        using var qemu = Start();
        _ = ProgramRun.Of("truncate", "-s", $"{size}", Path.Combine(qemu.Folder, "disk.raw")).MustSucceed();
        _ = qemu.Execute("blockdev-add", $$"""{"driver": "file", "node-name": "disk", "filename": "{{qemu.Folder}}/disk.raw"}""");
        qemu.Export("disk");
        var set = new DirtyBitmapSet(size);
        foreach (var bits in Granularities)
        {
            AddBoth(qemu, set, $"g{bits}", bits, recording: true);
        }
        Write(qemu, set, SomeRanges(size, count: 12, seed: 34));
        qemu.Unexport("disk");
        foreach (var step in new[] { newSize, size })
        {
            _ = qemu.Execute("block_resize", $$"""{"node-name": "disk", "size": {{step}}}""");
            set.Truncate(step);
            CompareAll(qemu, set);
        }
    }

    [Fact]
    public void Refusals_have_the_real_daemons_words()
    {
        using var qemu = StartWithDisk(1 << 20);
        var set = new DirtyBitmapSet(1 << 20);
        AddBoth(qemu, set, "b", 16, recording: true);
        foreach (var (name, granularity) in new[] { ("b", 65536L), ("", 65536), ("c", 256), ("c", 1000), ("b", 256) })
        {
            var theirs = qemu.ExecuteRefused(
                "block-dirty-bitmap-add",
                $$"""{"node": "disk", "name": "{{name}}", "granularity": {{granularity}}}"""
            );
            Assert.Equal(theirs, Assert.Throws<Core.Errors.BlockException>(() => set.Add(name, granularity)).Message);
        }
    }

    private static RealQemu Start()
    {
        Assert.SkipUnless(
            RealQemu.IsInstalled,
            "the real programs are not installed (apt-get install qemu-utils qemu-system-common)"
        );
        return RealQemu.Start();
    }

    private static RealQemu StartWithDisk(long size)
    {
        var qemu = Start();
        _ = qemu.Execute(
            "blockdev-add",
            $$"""{"driver": "null-co", "node-name": "disk", "size": {{size}}, "read-zeroes": true}"""
        );
        qemu.Export("disk");
        return qemu;
    }

    private static void AddBoth(RealQemu qemu, DirtyBitmapSet set, string name, int granularityBits, bool recording)
    {
        _ = qemu.Execute(
            "block-dirty-bitmap-add",
            $$"""{"node": "disk", "name": "{{name}}", "granularity": {{1L << granularityBits}}, "disabled": {{(recording ? "false" : "true")}}}"""
        );
        _ = set.Add(name, 1L << granularityBits, recording: recording);
    }

    private static void Write(RealQemu qemu, DirtyBitmapSet set, List<ByteRange> ranges)
    {
        if (ranges.Count == 0)
        {
            return;
        }
        qemu.QemuIo("disk", ranges.Select(static range => $"write -z {range.Offset} {range.Length}"));
        foreach (var range in ranges)
        {
            set.Mark(range);
        }
    }

    /// <summary>Ranges of whole sectors: what qemu-io writes over NBD without reading first.</summary>
    private static List<ByteRange> SomeRanges(long size, int count, int seed)
    {
        var random = new Random(seed);
        var sectors = size / 512;
        var ranges = new List<ByteRange>();
        for (var i = 0; i < count && sectors > 0; i++)
        {
            var first = random.NextInt64(sectors);
            var length = Math.Min(random.NextInt64(1, 2000), sectors - first);
            ranges.Add(new ByteRange(first * 512, length * 512));
        }
        return ranges;
    }

    private static void CompareAll(RealQemu qemu, DirtyBitmapSet set)
    {
        var node = qemu.Execute("query-named-block-nodes")
            .EnumerateArray()
            .Single(static node => node.GetProperty("node-name").GetString() == "disk");
        var theirs = node.GetProperty("dirty-bitmaps").EnumerateArray().ToList();
        Assert.Equal(
            string.Join(", ", theirs.Select(static bitmap => bitmap.GetProperty("name").GetString())),
            string.Join(", ", set.Select(static bitmap => bitmap.Name))
        );
        Assert.Equal(
            theirs.Select(static bitmap => bitmap.GetProperty("count").GetInt64()),
            set.Select(static bitmap => bitmap.DirtyBytes)
        );
        foreach (var bitmap in set)
        {
            var answer = qemu.Execute("x-debug-block-dirty-bitmap-sha256", $$"""{"node": "disk", "name": "{{bitmap.Name}}"}""");
            Assert.Equal((bitmap.Name, answer.GetProperty("sha256").GetString()), (bitmap.Name, bitmap.Content.Sha256Hex()));
            Assert.Null(bitmap.Content.Disagreement());
        }
    }
}
