using System.Globalization;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Jobs.Backup;
using static Tidemark.Jobs.Tests.JobWorld;

namespace Tidemark.Jobs.Tests;

// Goal: whatever guests do meanwhile, in whatever order requests end, a successful backup is the disk at the moment of its start,
// byte for byte, and a failed or cancelled one loses no bit that the next needs (contract J2, J3, J8).
public sealed class BackupUnderLoadTests
{
    // The seed of a failure is in its message; TIDEMARK_BACKUP_ROUNDS=10000 is a long run.
    private static int Rounds =>
        int.TryParse(Environment.GetEnvironmentVariable("TIDEMARK_BACKUP_ROUNDS"), CultureInfo.InvariantCulture, out var rounds)
            ? rounds
            : 25;

    [Theory]
    [InlineData(BackupSync.Incremental, BitmapSyncMode.OnSuccess)]
    [InlineData(BackupSync.Bitmap, BitmapSyncMode.Always)]
    [InlineData(BackupSync.Bitmap, BitmapSyncMode.Never)]
    [InlineData(BackupSync.Full, BitmapSyncMode.Always)]
    public void Every_backup_is_the_disk_at_its_moment(BackupSync sync, BitmapSyncMode mode)
    {
        for (var seed = 1; seed <= Rounds; seed++)
        {
            var random = new Random(seed);
            Simulate(seed, world => PlayAsync(world, sync, mode, random));
        }
    }

    private static async Task PlayAsync(JobWorld world, BackupSync sync, BitmapSyncMode mode, Random random)
    {
        var size = (random.Next(1, 2048) * 512) + (512 * Kilo);
        var source = new RamDisk(size) { Random = random, Unit = 4096 << random.Next(6) };
        var target = new RamDisk(size, clusterSize: 4096 << random.Next(7)) { Random = random };
        FillSparsely(source.Bytes, random);
        var node = await world.AddAsync("drive0", source);
        _ = await world.AddAsync("target0", target);
        var guest = world.Guest(node);
        var bitmap = node.Bitmaps.Add("b", granularity: 4096 << random.Next(6));
        source.LongestWait = random.Next(6);
        target.LongestWait = random.Next(6);
        var crowd = new Crowd(guest, random);
        var writers = Enumerable.Range(0, random.Next(1, 5)).Select(_ => crowd.WriteAsync()).ToArray();
        try
        {
            await BackUpAsync(
                world,
                new("drive0", "target0", BackupSync.Full, JobId: "j", Bitmap: "b", BitmapMode: BitmapSyncMode.OnSuccess),
                random,
                mustSucceed: true
            );
            for (var round = 0; round < 4; round++)
            {
                await TurnsAsync(random.Next(60));
                var arguments = new BackupArguments("drive0", "target0", sync, JobId: "j", Bitmap: "b", BitmapMode: mode);
                await BackUpAsync(world, arguments, random, mustSucceed: round == 3);
            }
        }
        finally
        {
            crowd.Stop();
            await Task.WhenAll(writers);
        }
        Assert.False(bitmap.IsBusy);
        Assert.Single(node.Bitmaps);
        Assert.Equal(2, world.Graph.Nodes.Count);
    }

    private static async Task BackUpAsync(JobWorld world, BackupArguments arguments, Random random, bool mustSucceed)
    {
        var (source, target) = (world.Disks["drive0"], world.Disks["target0"]);
        byte[] shadow;
        BackupJob job;
        using (await world.Graph.DrainAllAsync())
        {
            shadow = source.Bytes.ToArray();
            job = await world.CreateAsync(
                arguments with
                {
                    Speed = random.Next(3) == 0 ? random.Next(1, 1 << 22) : 0,
                    XPerf = new(MaxWorkers: random.Next(1, 9), MaxChunk: random.Next(2) == 0 ? 0 : 512 * Kilo),
                }
            );
            if (random.Next(10) == 0 && !mustSucceed)
            {
                await job.AbandonAsync();
                return;
            }
            job.Start();
        }
        var fate = mustSucceed ? 0 : random.Next(4);
        if (fate == 1)
        {
            (target.FailWrite, target.Failure) = (target.Writes + random.Next(1, 20), IoStatus.NoSpace);
        }
        while (job.Status is not (JobStatus.Concluded or JobStatus.Null))
        {
            await DisturbAsync(world, job, random, mayCancel: fate == 2);
        }
        target.FailWrite = 0;
        if (job.Error is null)
        {
            Assert.True(shadow.AsSpan().SequenceEqual(target.Bytes), "the target is the disk at the moment of the start");
        }
        Assert.True(job.Error is null || !mustSucceed, $"the backup succeeds: {job.Error?.Text}");
    }

    private static async Task DisturbAsync(JobWorld world, BackupJob job, Random random, bool mayCancel)
    {
        await TurnsAsync(random.Next(1, 30));
        switch (random.Next(12))
        {
            case 0 when JobTransitions.Accepts(job.Status, JobVerb.Pause) && !job.IsUserPaused:
                job.Pause();
                await TurnsAsync(random.Next(40));
                if (job.IsUserPaused && JobTransitions.Accepts(job.Status, JobVerb.Resume))
                {
                    job.Resume();
                }
                break;
            case 1 or 2 when JobTransitions.Accepts(job.Status, JobVerb.SetSpeed):
                job.SetSpeed(0);
                break;
            case 3:
                var name = random.Next(2) == 0 ? "drive0" : "target0";
                using (await world.Graph.DrainAsync(world.Graph.Require(name)))
                {
                    await TurnsAsync(random.Next(10));
                }
                break;
            case 4 when mayCancel && JobTransitions.Accepts(job.Status, JobVerb.Cancel):
                try
                {
                    job.Cancel(force: random.Next(2) == 0);
                }
                catch (BlockException)
                {
                    // It is just taking its last step.
                }
                break;
        }
    }

    private static void FillSparsely(byte[] bytes, Random random)
    {
        for (var at = 0; at < bytes.Length; )
        {
            var length = Math.Min(random.Next(1, 300 * Kilo), bytes.Length - at);
            if (random.Next(3) != 0)
            {
                random.NextBytes(bytes.AsSpan(at, length));
            }
            at += length;
        }
    }

    /// <summary>Guests that never rest.</summary>
    private sealed class Crowd(BlockBackend guest, Random random)
    {
        private bool stopped;

        public void Stop() => stopped = true;

        public async Task WriteAsync()
        {
            while (!stopped)
            {
                var offset = random.NextInt64(guest.SizeBytes);
                var range = new ByteRange(
                    offset,
                    Math.Min(random.Next(1, random.Next(8) == 0 ? 400 * Kilo : 20 * Kilo), guest.SizeBytes - offset)
                );
                var status = random.Next(6) switch
                {
                    0 => await guest.WriteZeroesAsync(range),
                    1 => await guest.DiscardAsync(range),
                    _ => await guest.WriteAsync(range, Bytes((int)range.Length)),
                };
                Assert.Equal(IoStatus.Ok, status);
                await TurnsAsync(random.Next(1, 20));
            }
        }

        private byte[] Bytes(int length)
        {
            var data = new byte[length];
            random.NextBytes(data);
            return data;
        }
    }
}
