using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Jobs.Stream;
using static Tidemark.Jobs.Tests.JobWorld;

namespace Tidemark.Jobs.Tests;

// Goal: a guest that writes where the job is at work finds its own writes, whatever takes how long; by seed.
public sealed class StreamUnderWritesTests
{
    private const int Unit = 4096;
    private const int Units = 1024;

    [Fact]
    public void No_write_of_a_guest_is_undone_by_what_is_brought_up()
    {
        for (var seed = 1; seed <= 30; seed++)
        {
            Simulate(seed, world => PlayAsync(world, new Random(seed), cancel: seed % 5 == 0));
        }
    }

    private static async Task PlayAsync(JobWorld world, Random random, bool cancel)
    {
        var (below, above) = (Disk(random, hasBacking: false), Disk(random, hasBacking: true));
        random.NextBytes(below.Bytes);
        var model = below.Bytes.ToArray();
        _ = await world.AddAsync("below", below, ("read-only", JsonBool.True));
        var top = await world.AddAsync("above", above, ("backing", new JsonString("below")));
        var guest = world.Guest(top);
        var bitmap = top.Bitmaps.Add("b", Unit);
        var (written, busy) = (new HashSet<int>(), new HashSet<int>());
        var job = await StreamJob.CreateAsync(new JobContext(world.Graph, world.Jobs), new("above", "j"));
        job.Start();
        var stop = false;
        var writers = Enumerable.Range(0, 3).Select(_ => WriteAsync()).ToArray();
        if (cancel)
        {
            await TurnsAsync(random.Next(2000));
            if (job.Status == JobStatus.Running)
            {
                job.Cancel(force: true);
            }
        }
        await job.WaitConcludedAsync();
        stop = true;
        await Task.WhenAll(writers);
        Assert.Equal(job.IsCancelled, top.BackingChild is not null);
        var found = new byte[Units * Unit];
        Assert.Equal(IoStatus.Ok, await guest.ReadAsync(new ByteRange(0, found.Length), found));
        Assert.True(model.AsSpan().SequenceEqual(found));
        // What users read has changed only where they wrote.
        Assert.All(
            Enumerable.Range(0, Units),
            unit => Assert.Equal(written.Contains(unit), bitmap.Content.Get((long)unit * Unit))
        );

        async Task WriteAsync()
        {
            while (!stop)
            {
                var (first, count) = (random.Next(Units - 8), random.Next(1, 8));
                if (Enumerable.Range(first, count).Any(busy.Contains))
                {
                    await Task.Yield();
                    continue;
                }
                foreach (var unit in Enumerable.Range(first, count))
                {
                    _ = busy.Add(unit);
                    _ = written.Add(unit);
                }
                var data = new byte[count * Unit];
                random.NextBytes(data);
                Assert.Equal(IoStatus.Ok, await guest.WriteAsync(new ByteRange((long)first * Unit, data.Length), data));
                data.CopyTo(model, first * Unit);
                busy.ExceptWith(Enumerable.Range(first, count));
                await TurnsAsync(random.Next(20));
            }
        }
    }

    private static RamDisk Disk(Random random, bool hasBacking) =>
        new(Units * Unit, Unit)
        {
            Unit = Unit,
            HasBacking = hasBacking,
            LongestWait = random.Next(6),
            Random = random,
        };
}
