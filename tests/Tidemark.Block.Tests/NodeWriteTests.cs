using Tidemark.Block.Contract;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;

namespace Tidemark.Block.Tests;

public sealed class NodeWriteTests
{
    private const int Size = 1 << 20;
    private const int Granule = 64 << 10;
    private static readonly BlockLimits Picky = new() { RequestAlignment = 4096, MaxTransfer = 32 << 10 };

    [Fact]
    public void A_failed_write_still_marks_its_whole_range() =>
        BlockWorld.Run(async world =>
        {
            var node = await world.AddAsync("disk", new ShyDisk(Size) { FailRequest = 1 });
            await using var guest = BlockWorld.Guest(node);
            var bitmap = node.Bitmaps.Add("changes", Granule);
            Assert.Equal(IoStatus.IoError, await guest.WriteAsync(new ByteRange(0, Granule + 1), new byte[Granule + 1]));
            Assert.Equal(2 * Granule, bitmap.DirtyBytes);
        });

    [Fact]
    public void A_write_outside_of_the_disk_is_refused_and_marks_nothing() =>
        BlockWorld.Run(async world =>
        {
            var disk = new ShyDisk(Size);
            var node = await world.AddAsync("disk", disk);
            await using var guest = BlockWorld.Guest(node);
            var bitmap = node.Bitmaps.Add("changes", Granule);
            Assert.Equal(IoStatus.IoError, await guest.WriteAsync(new ByteRange(Size - 512, 1024), new byte[1024]));
            Assert.Equal(IoStatus.IoError, await guest.WriteZeroesAsync(new ByteRange(Size, 1)));
            Assert.Equal(0, bitmap.DirtyBytes);
            Assert.Empty(disk.Seen);
        });

    [Fact]
    public void Reads_and_flushes_mark_nothing() =>
        BlockWorld.Run(async world =>
        {
            var node = await world.AddAsync("disk", new ShyDisk(Size));
            await using var guest = BlockWorld.Guest(node);
            var bitmap = node.Bitmaps.Add("changes", Granule);
            Assert.Equal(IoStatus.Ok, await guest.ReadAsync(new ByteRange(0, 4096), new byte[4096]));
            Assert.Equal(IoStatus.Ok, await guest.FlushAsync());
            Assert.Equal(0, bitmap.DirtyBytes);
        });

    [Fact]
    public void A_discard_marks_only_where_it_is_passed_on() =>
        BlockWorld.Run(async world =>
        {
            foreach (var (mode, marked) in new[] { ("ignore", 0), ("unmap", Granule) })
            {
                var disk = new ShyDisk(Size);
                var node = await world.AddAsync($"disk-{mode}", disk, ("discard", new JsonString(mode)));
                await using var guest = BlockWorld.Guest(node);
                var bitmap = node.Bitmaps.Add("changes", Granule);
                Assert.Equal(IoStatus.Ok, await guest.DiscardAsync(new ByteRange(0, 4096)));
                Assert.Equal(marked, bitmap.DirtyBytes);
                Assert.Equal(marked > 0, disk.Seen.Contains("discard 0+4096"));
            }
        });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Requests_of_any_shape_reach_a_picky_driver_in_its_own_and_change_nothing_else(int seed) =>
        BlockWorld.Run(async world =>
        {
            var random = new Random(seed);
            var disk = new ShyDisk(Size) { Limits = Picky };
            random.NextBytes(disk.Bytes);
            var model = (byte[])disk.Bytes.Clone();
            var node = await world.AddAsync("disk", disk);
            await using var guest = BlockWorld.Guest(node);
            for (var request = 0; request < 400; request++)
            {
                var length = random.Next(1, request % 10 == 0 ? 200_000 : 9000);
                var range = new ByteRange(random.Next(Size - length), length);
                var expected = model.AsMemory((int)range.Offset, length);
                var data = new byte[length];
                switch (random.Next(3))
                {
                    case 0:
                        random.NextBytes(data);
                        data.CopyTo(expected);
                        Assert.Equal(IoStatus.Ok, await guest.WriteAsync(range, data));
                        break;
                    case 1:
                        expected.Span.Clear();
                        Assert.Equal(IoStatus.Ok, await guest.WriteZeroesAsync(range));
                        break;
                    default:
                        Assert.Equal(IoStatus.Ok, await guest.ReadAsync(range, data));
                        Assert.True(data.AsSpan().SequenceEqual(expected.Span), $"seed {seed}, request {request}: {range}");
                        break;
                }
            }
            Assert.True(disk.Bytes.AsSpan().SequenceEqual(model), $"seed {seed}");
        });

    [Fact]
    public void Two_writes_into_one_block_of_the_driver_both_survive() =>
        BlockWorld.Run(async world =>
        {
            var disk = new ShyDisk(Size) { Limits = Picky, Gate = new Completion<bool>() };
            var node = await world.AddAsync("disk", disk);
            await using var guest = BlockWorld.Guest(node);
            var first = guest.WriteAsync(new ByteRange(100, 50), Filled(50, 1)).AsTask();
            var second = guest.WriteAsync(new ByteRange(1000, 50), Filled(50, 2)).AsTask();
            await Task.Yield();
            disk.Gate.Set(true);
            disk.Gate = null;
            Assert.Equal([IoStatus.Ok, IoStatus.Ok], await Task.WhenAll(first, second));
            Assert.Equal(Filled(50, 1), disk.Bytes[100..150]);
            Assert.Equal(Filled(50, 2), disk.Bytes[1000..1050]);
        });

    [Fact]
    public void Force_unit_access_becomes_a_flush_where_the_driver_has_none() =>
        BlockWorld.Run(async world =>
        {
            var disk = new ShyDisk(Size);
            var node = await world.AddAsync("disk", disk);
            await using var guest = BlockWorld.Guest(node);
            Assert.Equal(IoStatus.Ok, await guest.WriteAsync(new ByteRange(0, 512), new byte[512], RequestFlags.Fua));
            Assert.Equal(["write 0+512", "flush 0+1"], disk.Seen);
        });

    [Fact]
    public void Zeroes_written_as_data_become_zeroes_where_they_are_looked_for() =>
        BlockWorld.Run(async world =>
        {
            var disk = new ShyDisk(Size);
            var node = await world.AddAsync("disk", disk, ("detect-zeroes", new JsonString("on")));
            await using var guest = BlockWorld.Guest(node);
            Assert.Equal(IoStatus.Ok, await guest.WriteAsync(new ByteRange(4096, 4096), new byte[4096]));
            Assert.Equal(IoStatus.Ok, await guest.WriteAsync(new ByteRange(0, 4096), Filled(4096, 1)));
            Assert.Equal(["zero 4096+4096", "write 0+4096"], disk.Seen);
        });

    private static byte[] Filled(int length, byte value)
    {
        var data = new byte[length];
        Array.Fill(data, value);
        return data;
    }
}
