using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Drivers;
using Tidemark.Io.Contract;
using Tidemark.Jobs.Backup;
using Tidemark.Testing;

namespace Tidemark.Jobs.Tests;

// Goal: real files. A raw disk on the host's file system is backed up to qcow2 images, in full and in increments on top of each
// other, while it is being written to; each image is the disk at its moment, for us and for the real program.
public sealed class BackupFilesTests
{
    private const int Size = (24 << 20) + 4096;

    [Theory]
    [InlineData(EngineKind.Linux, false)]
    [InlineData(EngineKind.Pool, false)]
    [InlineData(EngineKind.Linux, true)]
    public void A_chain_of_increments_holds_every_moment(EngineKind kind, bool inMemory)
    {
        using var folder = inMemory ? TempFolder.InMemory() : TempFolder.OnDisk();
        LoopTest.Run(kind, engine => PlayAsync(engine, folder));
        if (ProgramRun.Exists("qemu-img"))
        {
            for (var i = 0; i < 3; i++)
            {
                _ = ProgramRun.Of("qemu-img", "check", folder.File($"backup{i}.qcow2")).MustSucceed();
                _ = ProgramRun
                    .Of(
                        "qemu-img",
                        "compare",
                        "-f",
                        "raw",
                        "-F",
                        "qcow2",
                        folder.File($"shadow{i}"),
                        folder.File($"backup{i}.qcow2")
                    )
                    .MustSucceed();
            }
        }
    }

    [Fact]
    public void Copying_in_the_kernel_gives_the_same_bytes()
    {
        using var folder = TempFolder.OnDisk();
        LoopTest.Run(async engine =>
        {
            await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
            var jobs = new JobRegistry();
            MakeDisk(folder.File("disk"));
            File.WriteAllBytes(folder.File("copy"), new byte[Size]);
            var source = await graph.OpenAsync(Raw("disk", folder.File("disk")));
            var target = await graph.OpenAsync(Raw("target", folder.File("copy")));
            var marks = target.Bitmaps.Add("marks", granularity: 65536);
            var job = await BackupJob.CreateAsync(
                graph,
                jobs,
                new("disk", "target", BackupSync.Full, JobId: "j", XPerf: new(UseCopyRange: true))
            );
            job.Start();
            await job.WaitConcludedAsync();
            Assert.Null(job.Error);
            Assert.Equal(Alignment.Up(Size, 65536), marks.DirtyBytes);
            await graph.ReleaseAsync(target);
            await graph.ReleaseAsync(source);
        });
        Assert.Equal(File.ReadAllBytes(folder.File("disk")), File.ReadAllBytes(folder.File("copy")));
    }

    private static async Task PlayAsync(IoEngine engine, TempFolder folder)
    {
        await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        var jobs = new JobRegistry();
        MakeDisk(folder.File("disk"));
        var source = await graph.OpenAsync(Raw("disk", folder.File("disk")));
        _ = source.Bitmaps.Add("b");
        await using (
            var guest = BlockBackend.Create(
                source,
                BlockPermissions.ConsistentRead | BlockPermissions.Write,
                BlockPermissions.All
            )
        )
        {
            var random = new Random(7);
            for (var i = 0; i < 3; i++)
            {
                await BackUpAsync(graph, jobs, guest, folder, i, random);
            }
        }
        await graph.ReleaseAsync(source);
    }

    private static async Task BackUpAsync(
        BlockGraph graph,
        JobRegistry jobs,
        BlockBackend guest,
        TempFolder folder,
        int number,
        Random random
    )
    {
        var path = folder.File($"backup{number}.qcow2");
        await CreateImageAsync(graph, path, number == 0 ? null : folder.File($"backup{number - 1}.qcow2"));
        var target = await graph.OpenAsync(
            new JsonObject
            {
                { "driver", new JsonString("qcow2") },
                { "node-name", new JsonString("target") },
                { "file", FileNode(path) },
            }
        );
        BackupJob job;
        using (await graph.DrainAllAsync())
        {
            File.Copy(folder.File("disk"), folder.File($"shadow{number}"));
            var sync = number == 0 ? BackupSync.Full : BackupSync.Incremental;
            job = await BackupJob.CreateAsync(
                graph,
                jobs,
                new("disk", "target", sync, JobId: "j", Bitmap: "b", BitmapMode: BitmapSyncMode.OnSuccess)
            );
            job.Start();
        }
        while (job.Status is not (JobStatus.Concluded or JobStatus.Null))
        {
            await DisturbAsync(guest, random);
        }
        Assert.Null(job.Error);
        await graph.ReleaseAsync(target);
    }

    private static async Task DisturbAsync(BlockBackend guest, Random random)
    {
        var data = new byte[random.Next(1, 50_000)];
        random.NextBytes(data);
        var range = new ByteRange(random.Next(Size - data.Length), data.Length);
        var status = random.Next(4) == 0 ? await guest.WriteZeroesAsync(range) : await guest.WriteAsync(range, data);
        Assert.Equal(IoStatus.Ok, status);
        await Task.Yield();
    }

    private static async Task CreateImageAsync(BlockGraph graph, string path, string? backing)
    {
        var options = new JsonObject { { "size", new JsonString($"{Size}") } };
        if (backing is not null)
        {
            options["backing_file"] = new JsonString(backing);
            options["backing_fmt"] = new JsonString("qcow2");
        }
        await graph.Drivers.Require("qcow2").Creation!.CreateFileAsync(graph, path, options); // the driver makes images
    }

    private static void MakeDisk(string path)
    {
        var bytes = new byte[Size];
        var random = new Random(1);
        for (var i = 0; i < Size - (1 << 20); i += 3 << 20)
        {
            random.NextBytes(bytes.AsSpan(i, (2 << 20) - 5));
        }
        File.WriteAllBytes(path, bytes);
    }

    private static JsonObject Raw(string name, string path) =>
        new()
        {
            { "driver", new JsonString("raw") },
            { "node-name", new JsonString(name) },
            { "file", FileNode(path) },
        };

    private static JsonObject FileNode(string path) =>
        new() { { "driver", new JsonString("file") }, { "filename", new JsonString(path) } };
}
