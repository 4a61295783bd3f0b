using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using static Tidemark.Drivers.Tests.Filters.SimulatedWorld;

namespace Tidemark.Drivers.Tests.Filters;

public sealed class CopyOnReadTests
{
    private const int Size = 256 << 10;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Reads_that_keep_never_undo_writes(int seed) =>
        Run(
            seed,
            async world =>
            {
                var top = await ChainAsync(world);
                var cor = await world.AddAsync("{'driver':'copy-on-read','node-name':'cor','file':'top'}");
                await using (var user = Use(cor))
                await using (var beside = Use(top))
                {
                    var model = await ReadAsync(beside, 0, Size);
                    var bitmap = top.Bitmaps.Add("b");
                    for (var round = 0; round < 60; round++)
                    {
                        var tasks = new List<Task>();
                        var written = new List<ByteRange>();
                        for (var i = 0; i < 8; i++)
                        {
                            var length = world.Random.Next(1, 20_000);
                            var range = new ByteRange(world.Random.Next(Size - length), length);
                            if (world.Random.Next(2) == 0 || written.Exists(range.Overlaps))
                            {
                                tasks.Add(ReadAsync(user, range.Offset, length));
                            }
                            else
                            {
                                written.Add(range);
                                // Past the filter, too: it is the image that keeps them apart.
                                tasks.Add(WriteAsync(i % 3 == 0 ? beside : user, range, (byte)(round + 10), model));
                            }
                        }
                        await Task.WhenAll(tasks);
                        Assert.Equal(model, await ReadAsync(beside, 0, Size));
                    }
                    _ = bitmap;
                }
            }
        );

    [Fact]
    public void What_was_read_is_in_the_image_from_then_on_and_in_no_bitmap() =>
        Run(
            7,
            async world =>
            {
                var top = await ChainAsync(world);
                var bitmap = top.Bitmaps.Add("b");
                var cor = await world.AddAsync("{'driver':'copy-on-read','node-name':'cor','file':'top'}");
                await using var user = Use(cor, BlockPermissions.ConsistentRead);
                _ = await ReadAsync(user, 5000, 1);
                Assert.True((await top.BlockStatusAsync(new ByteRange(4096, 4096), wantZero: false)).IsAllocated);
                Assert.False((await top.BlockStatusAsync(new ByteRange(0, 4096), wantZero: false)).IsAllocated);
                Assert.False((await top.BlockStatusAsync(new ByteRange(8192, 4096), wantZero: false)).IsAllocated);
                Assert.True(bitmap.Content.IsEmpty);
                // Prefetched: brought in without being given.
                Assert.Equal(
                    IoStatus.Ok,
                    await user.ReadAsync(new ByteRange(40_000, 10_000), new byte[10_000], RequestFlags.Prefetch)
                );
                Assert.True((await top.BlockStatusAsync(new ByteRange(40_960, 8192), wantZero: false)).IsAllocated);
            }
        );

    [Fact]
    public void Below_the_bottom_nothing_is_kept() =>
        Run(
            8,
            async world =>
            {
                var top = await ChainAsync(world);
                var cor = await world.AddAsync("{'driver':'copy-on-read','node-name':'cor','file':'top','bottom':'middle'}");
                await using var user = Use(cor, BlockPermissions.ConsistentRead);
                Assert.Equal(new byte[Size / 2].Select(static _ => (byte)1), (await ReadAsync(user, 0, Size))[..(Size / 2)]);
                Assert.False((await top.BlockStatusAsync(new ByteRange(0, Size / 2), wantZero: false)).IsAllocated);
                var upper = await top.BlockStatusAsync(new ByteRange(Size / 2, Size / 2), wantZero: false);
                Assert.True(upper.IsAllocated);
                Assert.Equal(Size / 2, upper.Length);
            }
        );

    [Fact]
    public void A_bottom_outside_the_chain_is_refused() =>
        Run(
            9,
            async world =>
            {
                _ = await ChainAsync(world);
                var error = await Assert.ThrowsAsync<BlockException>(async () =>
                    await world.AddAsync("{'driver':'copy-on-read','node-name':'cor','file':'middle','bottom':'top'}")
                );
                Assert.Equal("Bottom node 'top' is not in the backing chain of 'middle'", error.Message);
            }
        );

    // base is 1 throughout, middle 2 in its upper half, top empty.
    private static async Task<BlockNode> ChainAsync(SimulatedWorld world)
    {
        await world.ImageAsync("/base", Size);
        await world.ImageAsync("/middle", Size, "/base");
        await world.ImageAsync("/top", Size, "/middle");
        var below = await AddAsync("base", "null");
        await FillAsync(below, 0, 1);
        var middle = await AddAsync("middle", "'base'");
        await FillAsync(middle, Size / 2, 2);
        return await AddAsync("top", "'middle'");

        ValueTask<BlockNode> AddAsync(string name, string backing) =>
            world.AddAsync(
                $"{{'driver':'qcow2','node-name':'{name}','backing':{backing},'file':{{'driver':'file','filename':'/{name}'}}}}"
            );
    }

    private static async Task FillAsync(BlockNode node, int from, byte pattern)
    {
        await using var user = Use(node);
        var data = new byte[Size - from];
        data.AsSpan().Fill(pattern);
        Assert.Equal(IoStatus.Ok, await user.WriteAsync(new ByteRange(from, data.Length), data));
    }

    private static async Task WriteAsync(BlockBackend user, ByteRange range, byte pattern, byte[] model)
    {
        var data = new byte[range.Length];
        data.AsSpan().Fill(pattern);
        data.CopyTo(model, range.Offset);
        Assert.Equal(IoStatus.Ok, await user.WriteAsync(range, data));
    }
}
