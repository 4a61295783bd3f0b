using System.Text.Json;
using Tidemark.Bitmaps;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Json;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2.Bitmaps;

/// <summary>
/// Bitmaps stored here and read by the real programs, and the reverse: what they hold are the known writes, not merely what
/// wrote them believes. Contract P2 to P5, B9.
/// </summary>
public sealed class StoredBitmapsLiveTests
{
    private static readonly long[] Granularities = [512, 4096, 65536, 1 << 20, 1L << 31];

    [Theory]
    [InlineData("4M", 4L << 20, "")]
    [InlineData("4198912", 4198912, "")]
    [InlineData("64M", 64L << 20, "cluster_size=512")]
    [InlineData("200M", 200L << 20, "cluster_size=4k,refcount_bits=1")]
    [InlineData("3G", 3L << 30, "cluster_size=64k")]
    [InlineData("3G", 3L << 30, "cluster_size=2M,refcount_bits=64")]
    public void What_we_store_the_real_daemon_reads_as_the_known_writes(string size, long sizeBytes, string options)
    {
        RequirePrograms();
        using var image = new PatchedImage(size, options);
        var writes = KnownWrites.Some(sizeBytes, count: 20, seed: 5);
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(image.File);
            foreach (var granularity in Granularities)
            {
                await AddAsync(disk, $"g{granularity}", granularity);
            }
            await AddAsync(disk, "off", 65536);
            disk.Node.Bitmaps.Find("off")!.Disable();
            await WriteAsync(disk, writes);
            await world.CloseAsync(disk);
            Assert.True(world.Warnings.Count == 0, string.Join("\n", world.Warnings));
        });
        AssertClean(image.File);
        foreach (var granularity in Granularities)
        {
            Assert.Equal(writes.Dirty(granularity), KnownWrites.OfReal(image.File, $"g{granularity}"));
        }
        Assert.Empty(KnownWrites.OfReal(image.File, "off"));
        AssertClean(image.File);
    }

    [Theory]
    [InlineData("4198912", 4198912, "")]
    [InlineData("64M", 64L << 20, "cluster_size=512")]
    [InlineData("3G", 3L << 30, "cluster_size=2M")]
    public void What_the_real_programs_store_we_read_as_the_known_writes(string size, long sizeBytes, string options)
    {
        RequirePrograms();
        using var image = new PatchedImage(size, options);
        var writes = KnownWrites.Some(sizeBytes, count: 20, seed: 6);
        foreach (var granularity in Granularities)
        {
            image.QemuImg("bitmap", "--add", "-g", $"{granularity}", image.File, $"g{granularity}");
        }
        image.QemuImg("bitmap", "--add", "--disable", image.File, "off");
        image.QemuIo([.. writes.Ranges.Select(static r => $"write -z {r.Offset} {r.Length}")]);
        for (var round = 0; round < 2; round++)
        {
            // The second time we read what we have stored ourselves.
            ImageWorld.Run(async world =>
            {
                var disk = await world.OpenAsync(image.File);
                foreach (var granularity in Granularities)
                {
                    var bitmap = disk.Node.Bitmaps.Find($"g{granularity}")!;
                    Assert.True(bitmap is { IsRecording: true, IsPersistent: true, IsInconsistent: false, IsReadOnly: false });
                    Assert.Equal(granularity, bitmap.Granularity);
                    Assert.Equal(writes.Dirty(granularity), KnownWrites.Of(bitmap));
                }
                Assert.False(disk.Node.Bitmaps.Find("off")!.IsRecording);
                Assert.Equal(
                    ["off", .. Granularities.Reverse().Select(static g => $"g{g}")],
                    disk.Node.Bitmaps.Select(static b => b.Name)
                );
                await world.CloseAsync(disk);
            });
            AssertClean(image.File);
        }
    }

    [Fact]
    public void Images_grow_through_alternating_runs_of_both_programs()
    {
        RequirePrograms();
        const long size = 256L << 20;
        using var image = new PatchedImage("256M", "");
        image.QemuImg("bitmap", "--add", "-g", "4k", image.File, "b");
        var writes = new KnownWrites(size);
        for (var round = 0; round < 6; round++)
        {
            var some = KnownWrites.Some(size, count: 8, seed: 100 + round);
            foreach (var range in some.Ranges)
            {
                writes.Add(range.Offset, range.Length);
            }
            if (round % 2 == 0)
            {
                image.QemuIo([.. some.Ranges.Select(static r => $"write {r.Offset} {r.Length}")]);
            }
            else
            {
                ImageWorld.Run(async world =>
                {
                    var disk = await world.OpenAsync(image.File);
                    await WriteAsync(disk, some);
                    Assert.Equal(writes.Dirty(4096), KnownWrites.Of(disk.Node.Bitmaps.Find("b")!));
                    await world.CloseAsync(disk);
                });
            }
            AssertClean(image.File);
        }
        Assert.Equal(writes.Dirty(4096), KnownWrites.OfReal(image.File, "b"));
    }

    [Fact]
    public void A_process_that_dies_leaves_stored_bitmaps_in_use_and_new_ones_nowhere()
    {
        RequirePrograms();
        using var image = new PatchedImage("4M", "");
        image.QemuImg("bitmap", "--add", image.File, "on");
        image.QemuImg("bitmap", "--add", "--disable", image.File, "off");
        var dead = "";
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(image.File);
            await AddAsync(disk, "late", 65536);
            await ImageWorld.FillAsync(disk, 0, 65536, 1);
            await ImageWorld.MustAsync(disk.FlushAsync());
            dead = image.Copy("dead.qcow2");
        });
        Assert.Equal(
            """[{"flags":["in-use","auto"],"name":"on","granularity":65536},{"flags":["in-use"],"name":"off","granularity":65536}]""",
            BitmapsInInfo(dead)
        );
        AssertClean(dead);
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(dead);
            Assert.Equal(["off", "on"], disk.Node.Bitmaps.Select(static b => b.Name));
            Assert.All(
                disk.Node.Bitmaps,
                static b => Assert.True(b is { IsInconsistent: true, IsRecording: false, DirtyBytes: 0 })
            );
            // Shown and removable, and otherwise as it was.
            await Store(disk).RemoveStoredAsync("on");
            disk.Node.Bitmaps.Remove(disk.Node.Bitmaps.Find("on")!);
            await world.CloseAsync(disk);
        });
        Assert.Equal("""[{"flags":["in-use"],"name":"off","granularity":65536}]""", BitmapsInInfo(dead));
        AssertClean(dead);
    }

    [Fact]
    public void Removing_is_on_disk_at_once_and_the_last_one_takes_the_extension_along()
    {
        RequirePrograms();
        using var image = new PatchedImage("64M", "");
        image.QemuImg("bitmap", "--add", "-g", "512", image.File, "a");
        image.QemuImg("bitmap", "--add", image.File, "b");
        image.QemuIo("write 0 64k", "write 60M 1M");
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(image.File);
            foreach (
                var (name, left) in new[]
                {
                    ("a", """[{"flags":["in-use","auto"],"name":"b","granularity":65536}]"""),
                    ("none", """[{"flags":["in-use","auto"],"name":"b","granularity":65536}]"""),
                    ("b", ""),
                }
            )
            {
                await Store(disk).RemoveStoredAsync(name);
                if (disk.Node.Bitmaps.Find(name) is { } bitmap)
                {
                    disk.Node.Bitmaps.Remove(bitmap);
                }
                Assert.Equal(left, BitmapsInInfo(image.Copy("now.qcow2")));
            }
            Assert.Empty(Store(disk).ListStored());
            await world.CloseAsync(disk);
        });
        AssertClean(image.File);
        image.Load();
        Assert.Equal(0ul, image.U64(88));
    }

    [Fact]
    public void Turning_read_only_stores_and_turning_writable_marks_in_use_again()
    {
        RequirePrograms();
        using var image = new PatchedImage("4M", "");
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(image.File);
            await AddAsync(disk, "b", 65536);
            await ImageWorld.FillAsync(disk, 1 << 20, 512, 1);
            disk.SetPermissions(BlockPermissions.ConsistentRead, BlockPermissions.All);
            await world.Graph.SetReadOnlyAsync(disk.Node, true);
            Assert.Equal("""[{"flags":["auto"],"name":"b","granularity":65536}]""", BitmapsInInfo(image.Copy("now.qcow2")));
            Assert.True(disk.Node.Bitmaps.Find("b") is { IsReadOnly: true, IsRecording: true });
            await world.Graph.SetReadOnlyAsync(disk.Node, false);
            disk.SetPermissions(BlockPermissions.All, BlockPermissions.All);
            Assert.Equal(
                """[{"flags":["in-use","auto"],"name":"b","granularity":65536}]""",
                BitmapsInInfo(image.Copy("now.qcow2"))
            );
            Assert.False(disk.Node.Bitmaps.Find("b")!.IsReadOnly);
            await ImageWorld.FillAsync(disk, 2 << 20, 512, 1);
            await world.CloseAsync(disk);
            Assert.True(world.Warnings.Count == 0, string.Join("\n", world.Warnings));
        });
        AssertClean(image.File);
        Assert.Equal([(1 << 20, 65536), (2 << 20, 65536)], KnownWrites.OfReal(image.File, "b"));
    }

    [Fact]
    public void A_read_only_image_lends_its_bitmaps_for_reading()
    {
        RequirePrograms();
        using var image = new PatchedImage("4M", "");
        image.QemuImg("bitmap", "--add", image.File, "b");
        image.QemuIo("write 0 64k");
        image.Load();
        var before = image.Bytes.ToArray();
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(image.File, new JsonObject { ["read-only"] = true });
            var bitmap = disk.Node.Bitmaps.Find("b")!;
            Assert.True(bitmap is { IsReadOnly: true, IsRecording: true, DirtyBytes: 65536 });
            await world.CloseAsync(disk);
        });
        image.Load();
        Assert.True(image.Bytes.SequenceEqual(before));
    }

    [Fact]
    public void Bitmaps_follow_a_resize()
    {
        RequirePrograms();
        using var image = new PatchedImage("64M", "");
        image.QemuImg("bitmap", "--add", "-g", "512", image.File, "b");
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(image.File);
            await ImageWorld.FillAsync(disk, 0, 512, 1);
            await ImageWorld.FillAsync(disk, 60 << 20, 512, 1);
            await disk.TruncateAsync(1L << 30, exact: true, PreallocationMode.Off);
            await ImageWorld.FillAsync(disk, 1 << 29, 512, 1);
            await world.CloseAsync(disk);
        });
        Assert.Equal([(0, 512), (60 << 20, 512), (1 << 29, 512)], KnownWrites.OfReal(image.File, "b"));
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(image.File);
            await disk.TruncateAsync(32L << 20, exact: true, PreallocationMode.Off);
            await world.CloseAsync(disk);
        });
        AssertClean(image.File);
        Assert.Equal([(0, 512)], KnownWrites.OfReal(image.File, "b"));
    }

    [Fact]
    public void Full_and_empty_bitmaps_take_no_data()
    {
        RequirePrograms();
        using var image = new PatchedImage("1G", "");
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(image.File);
            await AddAsync(disk, "full", 512);
            await ImageWorld.MustAsync(disk.WriteZeroesAsync(new(0, 1L << 30)));
            await AddAsync(disk, "empty", 512);
            await world.CloseAsync(disk);
        });
        AssertClean(image.File);
        // Header, refcounts, L1, L2, two tables and the directory.
        Assert.InRange(new FileInfo(image.File).Length, 1, 12 * 65536);
        Assert.Equal([(0, 1L << 30)], KnownWrites.OfReal(image.File, "full"));
        Assert.Empty(KnownWrites.OfReal(image.File, "empty"));
    }

    private static void RequirePrograms() =>
        Assert.SkipUnless(
            PatchedImage.CanRun && RealQemu.IsInstalled && ProgramRun.Exists("nbdinfo"),
            "the reference's programs or nbdinfo are not installed"
        );

    private static IBitmapStore Store(BlockBackend disk) => Assert.IsAssignableFrom<IBitmapStore>(disk.Node.Driver);

    private static async Task AddAsync(BlockBackend disk, string name, long granularity)
    {
        await Store(disk).CheckCanStoreAsync(name, granularity);
        _ = disk.Node.Bitmaps.Add(name, granularity, persistent: true);
    }

    private static async Task WriteAsync(BlockBackend disk, KnownWrites writes)
    {
        foreach (var range in writes.Ranges)
        {
            await ImageWorld.FillAsync(disk, range.Offset, (int)range.Length, 0x5a);
        }
    }

    private static void AssertClean(string image) =>
        Assert.Equal("", ProgramRun.Of("qemu-img", "check", "-f", "qcow2", image).MustSucceed().Errors.Trim());

    private static string BitmapsInInfo(string image)
    {
        var info = ProgramRun.Of("qemu-img", "info", "--output=json", "-f", "qcow2", image).MustSucceed().Output;
        var data = JsonDocument.Parse(info).RootElement.GetProperty("format-specific").GetProperty("data");
        return data.TryGetProperty("bitmaps", out var bitmaps) ? JsonSerializer.Serialize(bitmaps) : "";
    }
}
