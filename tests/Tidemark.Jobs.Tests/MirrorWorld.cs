using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Jobs.Mirror;
using static Tidemark.Jobs.Tests.JobWorld;

namespace Tidemark.Jobs.Tests;

/// <summary>What tests of mirrors do again and again.</summary>
internal static class MirrorWorld
{
    private const int Block = 512;

    /// <summary>As blockdev-mirror does it.</summary>
    public static async Task<MirrorJob> MirrorAsync(this JobWorld world, MirrorArguments arguments)
    {
        var job = await MirrorJob.CreateAsync(world.Graph, world.Jobs, MirrorPlan.Check(world.Graph, arguments));
        job.Start();
        return job;
    }

    public static async Task<MirrorJob> MirrorUntilReadyAsync(this JobWorld world, MirrorArguments arguments)
    {
        var job = await world.MirrorAsync(arguments);
        await world.ReadyAsync(job);
        return job;
    }

    public static Task ReadyAsync(this JobWorld world, MirrorJob job) => world.WaitAsync(() => job.Status == JobStatus.Ready);

    /// <summary>Lets time pass until <paramref name="condition"/> holds.</summary>
    public static async Task WaitAsync(this JobWorld world, Func<bool> condition)
    {
        for (var turn = 0; !condition(); turn++)
        {
            Assert.True(turn < 100_000, "the condition comes true");
            await Task.Delay(TimeSpan.FromMilliseconds(1), world.Graph.Loop.Time);
        }
    }

    /// <summary>Several guests at once, each with blocks of its own among those of the others, until told to stop; all must succeed.</summary>
    public static async Task ScribbleAsync(BlockBackend guest, byte[] shadow, int seed, Func<bool> stop)
    {
        const int Writers = 4;
        var time = guest.Graph.Loop.Time;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WriteAsync(writer, Writers)));

        async Task WriteAsync(int writer, int writers)
        {
            var random = new Random((seed * writers) + writer);
            while (!stop())
            {
                var block = (random.Next(shadow.Length / Block / writers) * writers) + writer;
                var range = new ByteRange((long)block * Block, Block);
                var part = shadow.AsMemory((int)range.Offset, Block);
                switch (random.Next(8))
                {
                    case 0:
                        Assert.Equal(IoStatus.Ok, await guest.WriteZeroesAsync(range));
                        part.Span.Clear();
                        break;
                    case 1:
                        Assert.Equal(IoStatus.Ok, await guest.DiscardAsync(range));
                        part.Span.Clear();
                        break;
                    default:
                        var data = new byte[Block];
                        random.NextBytes(data);
                        Assert.Equal(IoStatus.Ok, await guest.WriteAsync(range, data));
                        data.CopyTo(part);
                        break;
                }
                // Slow enough for a job in the background to catch up.
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(40)), time);
            }
        }
    }

    /// <summary>A source and a target that take their time, each its own.</summary>
    public static async Task<(RamDisk Source, RamDisk Target, BlockBackend Guest)> UnsteadyPairAsync(
        this JobWorld world,
        int seed
    )
    {
        var (source, target, guest) = await world.PairAsync(size: 2 * Mega, seed: seed);
        (source.LongestWait, target.LongestWait) = (seed % 7, seed % 11);
        (source.Random, target.Random) = (new Random(seed), new Random(~seed));
        return (source, target, guest);
    }

    /// <summary>The mirror of that pair.</summary>
    public static MirrorArguments Arguments(MirrorCopyMode mode, MirrorSync sync) =>
        new("drive0", "target0", sync, JobId: "j", CopyMode: mode);

    /// <summary>Nothing of a job must be left.</summary>
    public static void AssertTidy(JobWorld world)
    {
        Assert.Equal(2, world.Graph.Nodes.Count);
        Assert.All(world.Graph.Nodes, static node => Assert.Equal(0, node.Bitmaps.Count));
        Assert.All(world.Graph.Nodes, static node => Assert.Null(node.BlockedFrom(BlockOperation.BackupTarget)));
    }
}
