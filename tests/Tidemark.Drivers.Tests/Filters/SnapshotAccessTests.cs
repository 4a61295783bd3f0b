using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using static Tidemark.Drivers.Tests.Filters.SimulatedWorld;

namespace Tidemark.Drivers.Tests.Filters;

public sealed class SnapshotAccessTests
{
    private const int Size = 2 << 20;
    private const int Cluster = 64 << 10;

    [Theory]
    [InlineData(1, "raw")]
    [InlineData(2, "raw")]
    [InlineData(3, "raw")]
    [InlineData(4, "qcow2")]
    [InlineData(5, "qcow2")]
    [InlineData(6, "qcow2")]
    public void The_past_never_changes_whatever_is_written(int seed, string format) =>
        Run(
            seed,
            async world =>
            {
                var past = await OpenAsync(world, format);
                await using var guest = Use(world.Graph.Require("cbw"));
                await using var reader = Use(past, BlockPermissions.ConsistentRead);
                var then = await ReadAsync(reader, 0, Size);
                for (var round = 0; round < 40; round++)
                {
                    var tasks = new List<Task>();
                    for (var i = 0; i < 10; i++)
                    {
                        var length = world.Random.Next(1, 150_000);
                        var range = new ByteRange(world.Random.Next(Size - length), length);
                        tasks.Add(
                            world.Random.Next(6) switch
                            {
                                0 => guest.WriteAsync(range, Fill(length, (byte)(round + 10))).AsTask(),
                                1 => guest.WriteZeroesAsync(range, RequestFlags.MayUnmap).AsTask(),
                                2 => guest.DiscardAsync(range).AsTask(),
                                3 => CheckStatusAsync(past, range, then),
                                _ => CheckReadAsync(reader, range, then),
                            }
                        );
                    }
                    await Task.WhenAll(tasks);
                }
                Assert.Equal(then, await ReadAsync(reader, 0, Size));
            }
        );

    [Fact]
    public void A_write_waits_for_who_reads_what_it_overwrites() =>
        Run(
            11,
            async world =>
            {
                var past = await OpenAsync(
                    world,
                    "raw",
                    "'on-cbw-error':'break-snapshot',",
                    "'inject-error':[{'event':'none','errno':28,'iotype':'write'}]"
                );
                await using var guest = Use(world.Graph.Require("cbw"));
                await using var reader = Use(past, BlockPermissions.ConsistentRead);
                // The old data can't be saved: the write goes ahead, but not under the eyes of a reader who was there first.
                var read = CheckReadAsync(reader, new ByteRange(0, Cluster), Fill(Size, 1));
                var write = guest.WriteAsync(new ByteRange(0, Cluster), Fill(Cluster, 9));
                await read;
                Assert.Equal(IoStatus.Ok, await write);
                Assert.Equal(IoStatus.AccessDenied, await reader.ReadAsync(new ByteRange(Size / 2, 1), new byte[1]));
                Assert.Equal(
                    IoStatus.AccessDenied,
                    (await past.BlockStatusAsync(new ByteRange(Size / 2, 1), wantZero: true)).Status
                );
            }
        );

    [Fact]
    public void What_a_reader_gives_up_is_saved_no_more() =>
        Run(
            12,
            async world =>
            {
                var past = await OpenAsync(world, "raw");
                await using var guest = Use(world.Graph.Require("cbw"));
                await using var reader = Use(past);
                // The first whole cluster is the second, the last one is cut by the end of the disk.
                Assert.Equal(IoStatus.Ok, await reader.DiscardAsync(new ByteRange(1, Cluster - 1)));
                Assert.Equal(IoStatus.Ok, await reader.DiscardAsync(new ByteRange(1, 3 * Cluster - 2)));
                Assert.Equal(IoStatus.Ok, await guest.WriteAsync(new ByteRange(0, 3 * Cluster), Fill(3 * Cluster, 9)));
                await using var scratch = Use(world.Graph.Require("scratch"), BlockPermissions.ConsistentRead);
                Assert.Equal(Fill(Cluster, 1), await ReadAsync(scratch, 0, Cluster));
                Assert.Equal(Fill(Cluster, 0), await ReadAsync(scratch, Cluster, Cluster));
                Assert.Equal(Fill(Cluster, 1), await ReadAsync(scratch, 2 * Cluster, Cluster));
                Assert.Equal(Fill(Cluster, 1), await ReadAsync(reader, 0, Cluster));
                Assert.Equal(IoStatus.AccessDenied, await reader.ReadAsync(new ByteRange(Cluster - 1, 2), new byte[2]));
                Assert.Equal(Fill(Cluster, 1), await ReadAsync(reader, 2 * Cluster, Cluster));
            }
        );

    [Fact]
    public void Writes_to_the_past_are_refused() =>
        Run(
            13,
            async world =>
            {
                var past = await OpenAsync(world, "raw");
                await using var user = Use(past);
                Assert.Equal(IoStatus.NotSupported, await user.WriteAsync(new ByteRange(0, 512), new byte[512]));
                Assert.Equal(IoStatus.NotSupported, await user.WriteZeroesAsync(new ByteRange(0, 512)));
                Assert.Equal(IoStatus.Ok, await user.FlushAsync());
            }
        );

    [Theory]
    [InlineData("'min-cluster-size':100000", "min-cluster-size needs to be a power of 2")]
    [InlineData("'min-cluster-size':134217728", "min-cluster-size too large: 134217728 > 67108864")]
    public void A_unit_that_makes_no_sense_is_refused(string option, string expected) =>
        Run(
            14,
            async world =>
            {
                var error = await Assert.ThrowsAsync<BlockException>(async () => await OpenAsync(world, "raw", option + ","));
                Assert.Equal(expected, error.Message);
            }
        );

    [Fact]
    public void A_larger_unit_saves_more_at_once() =>
        Run(
            15,
            async world =>
            {
                _ = await OpenAsync(world, "raw", "'min-cluster-size':524288,");
                await using var guest = Use(world.Graph.Require("cbw"));
                Assert.Equal(IoStatus.Ok, await guest.WriteAsync(new ByteRange(600_000, 1), new byte[1]));
                await using var scratch = Use(world.Graph.Require("scratch"), BlockPermissions.ConsistentRead);
                Assert.Equal(Fill(524_288, 1), await ReadAsync(scratch, 524_288, 524_288));
                Assert.Equal(Fill(524_288, 0), await ReadAsync(scratch, 0, 524_288));
            }
        );

    // A disk full of ones (its last eighth zero), a scratch image, the filter and the past above it.
    private static async Task<BlockNode> OpenAsync(SimulatedWorld world, string format, string options = "", string faults = "")
    {
        var content = Fill(Size, 1);
        content.AsSpan(Size * 7 / 8).Clear();
        if (format == "raw")
        {
            world.File("/disk", content);
            world.File("/scratch", new byte[Size]);
        }
        else
        {
            await world.ImageAsync("/disk", Size);
            await world.ImageAsync("/scratch", Size, clusterSize: 1 << 16);
        }
        foreach (var name in (string[])["disk", "scratch"])
        {
            _ = await world.AddAsync(
                $"{{'driver':'{format}','node-name':'{name}','discard':'unmap','file':{{'driver':'file','filename':'/{name}'}}}}"
            );
        }
        if (format == "qcow2")
        {
            await using var user = Use(world.Graph.Require("disk"));
            Assert.Equal(IoStatus.Ok, await user.WriteAsync(new ByteRange(0, Size), content));
        }
        var target = "scratch";
        if (faults.Length > 0)
        {
            target = "faulty";
            _ = await world.AddAsync($"{{'driver':'blkdebug','node-name':'faulty','image':'scratch',{faults}}}");
        }
        _ = await world.AddAsync(
            $"{{'driver':'copy-before-write','node-name':'cbw','discard':'unmap',{options}'file':'disk','target':'{target}'}}"
        );
        return await world.AddAsync("{'driver':'snapshot-access','node-name':'past','discard':'unmap','file':'cbw'}");
    }

    private static byte[] Fill(int length, byte pattern)
    {
        var data = new byte[length];
        data.AsSpan().Fill(pattern);
        return data;
    }

    private static async Task CheckReadAsync(BlockBackend reader, ByteRange range, byte[] then)
    {
        var found = await ReadAsync(reader, range.Offset, (int)range.Length);
        Assert.True(then.AsSpan((int)range.Offset, found.Length).SequenceEqual(found), $"{range} is as it was");
    }

    private static async Task CheckStatusAsync(BlockNode past, ByteRange range, byte[] then)
    {
        var answer = await past.BlockStatusAsync(range, wantZero: true);
        Assert.Equal(IoStatus.Ok, answer.Status);
        Assert.InRange(answer.Length, 1, range.Length);
        Assert.False(
            answer.IsZero && then.AsSpan((int)range.Offset, (int)answer.Length).ContainsAnyExcept((byte)0),
            $"{range} was not zero"
        );
    }
}
