using System.Text.Json;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests;

/// <summary>
/// The main job end to end: an anchor and increments taken while several clients write, each restored by the real qemu-img and
/// compared byte by byte with what the disk held at that moment. J1 to J4, T1.
/// </summary>
public sealed class BackupChainTests
{
    private const int Size = 64 << 20;

    [Theory]
    [InlineData("qcow2", 21)]
    [InlineData("raw", 22)]
    public void Every_point_in_time_restores_to_the_exact_bytes_while_clients_write(string format, int seed)
    {
        using var folder = TempFolder.InMemory();
        using var daemon = Ours.StartDaemon();
        var disk = folder.File("disk");
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", format, disk, $"{Size}").MustSucceed();
        _ = daemon.Execute("blockdev-add", Node(format, "d", disk));
        daemon.Export("d");
        var known = new KnownWrites(Size, 65536, seed);
        daemon.QemuIo("d", known.Next(60));

        List<byte[]> moments = [];
        for (var point = 0; point < 4; point++)
        {
            CreateTarget(folder, daemon, point);
            moments.Add((byte[])known.Content.Clone());
            Start(daemon, point);
            // These writes come after the moment: none of them may be in the backup, and the next increment has them all.
            daemon.QemuIo("d", known.Next(30));
            var completed = daemon.WaitEvent("BLOCK_JOB_COMPLETED", $"job{point}");
            Assert.False(completed.TryGetProperty("error", out var error), error.ToString());
            _ = daemon.Execute("blockdev-del", $$"""{"node-name": "t{{point}}"}""");
        }
        for (var point = 0; point < moments.Count; point++)
        {
            var restored = folder.File("restored.raw");
            _ = ProgramRun.Of("qemu-img", "check", "-q", folder.File($"t{point}.qcow2")).MustSucceed();
            _ = ProgramRun.Of("qemu-img", "convert", "-O", "raw", folder.File($"t{point}.qcow2"), restored).MustSucceed();
            Assert.True(
                moments[point].AsSpan().SequenceEqual(File.ReadAllBytes(restored)),
                $"point {point} differs, seed {seed}"
            );
        }
    }

    [Fact]
    public void A_failed_increment_leaves_the_bitmap_whole_and_succeeds_when_it_is_repeated()
    {
        using var folder = TempFolder.InMemory();
        using var daemon = Ours.StartDaemon();
        var disk = folder.File("disk");
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", "qcow2", disk, $"{Size}").MustSucceed();
        _ = daemon.Execute("blockdev-add", Node("qcow2", "d", disk));
        daemon.Export("d");
        var known = new KnownWrites(Size, 65536, 31);
        CreateTarget(folder, daemon, 0);
        Start(daemon, 0);
        _ = daemon.WaitEvent("BLOCK_JOB_COMPLETED", "job0");
        _ = daemon.Execute("blockdev-del", """{"node-name": "t0"}""");
        daemon.QemuIo("d", known.Next(40));
        var before = DirtyBytes(daemon);

        CreateTarget(folder, daemon, 1, faulty: true);
        Start(daemon, 1);
        Assert.True(daemon.WaitEvent("BLOCK_JOB_COMPLETED", "job1").TryGetProperty("error", out _));
        Assert.Equal(before, DirtyBytes(daemon));
        _ = daemon.Execute("blockdev-del", """{"node-name": "t1"}""");

        CreateTarget(folder, daemon, 1);
        Start(daemon, 1);
        Assert.False(daemon.WaitEvent("BLOCK_JOB_COMPLETED", "job1").TryGetProperty("error", out _));
        _ = daemon.Execute("blockdev-del", """{"node-name": "t1"}""");
        Assert.Equal(0, DirtyBytes(daemon));
        var restored = folder.File("restored.raw");
        _ = ProgramRun.Of("qemu-img", "convert", "-O", "raw", folder.File("t1.qcow2"), restored).MustSucceed();
        Assert.True(known.Content.AsSpan().SequenceEqual(File.ReadAllBytes(restored)));
    }

    [Fact]
    public void A_real_daemon_serves_as_the_target_over_nbd()
    {
        using var folder = TempFolder.InMemory();
        var (disk, target) = (folder.File("disk"), folder.File("target"));
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", "qcow2", disk, $"{Size}").MustSucceed();
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", "raw", target, $"{Size}").MustSucceed();
        using var real = RealQemu.Start("--blockdev", $"file,node-name=t,filename={target}");
        real.Export("t");
        using var daemon = Ours.StartDaemon();
        _ = daemon.Execute("blockdev-add", Node("qcow2", "d", disk));
        daemon.Export("d");
        var known = new KnownWrites(Size, 65536, 41);
        daemon.QemuIo("d", known.Next(60));
        var moment = (byte[])known.Content.Clone();
        _ = daemon.Execute(
            "blockdev-add",
            $$"""{"driver": "nbd", "node-name": "t", "export": "t", "server": {"type": "unix", "path": "{{real.Folder}}/nbd"} }"""
        );
        _ = daemon.Execute("blockdev-backup", """{"job-id": "j", "device": "d", "target": "t", "sync": "full"}""");
        daemon.QemuIo("d", known.Next(30));
        Assert.False(daemon.WaitEvent("BLOCK_JOB_COMPLETED", "j").TryGetProperty("error", out var error), error.ToString());
        Assert.True(moment.AsSpan().SequenceEqual(File.ReadAllBytes(target)));
    }

    private static void CreateTarget(TempFolder folder, RealQemu daemon, int point, bool faulty = false)
    {
        var path = folder.File($"t{point}.qcow2");
        string[] backing = point == 0 ? [] : ["-b", folder.File($"t{point - 1}.qcow2"), "-F", "qcow2"];
        _ = ProgramRun.Of("qemu-img", ["create", "-q", "-f", "qcow2", .. backing, path, $"{Size}"]).MustSucceed();
        var file = $$"""{"driver": "file", "filename": "{{path}}"}""";
        if (faulty)
        {
            file =
                $$"""{"driver": "blkdebug", "image": {{file}}, "inject-error": [{"event": "none", "iotype": "write", "errno": 28, "once": true}]}""";
        }
        _ = daemon.Execute("blockdev-add", $$"""{"driver": "qcow2", "node-name": "t{{point}}", "file": {{file}} }""");
    }

    private static void Start(RealQemu daemon, int point) =>
        _ = daemon.Execute(
            "transaction",
            point == 0
                ? """
                {"actions": [
                    {"type": "block-dirty-bitmap-add", "data": {"node": "d", "name": "b"}},
                    {"type": "blockdev-backup", "data": {"job-id": "job0", "device": "d", "target": "t0", "sync": "full"}}]}
                """.ReplaceLineEndings("")
                : $$"""
                {"actions": [{"type": "blockdev-backup", "data":
                    {"job-id": "job{{point}}", "device": "d", "target": "t{{point}}", "sync": "incremental", "bitmap": "b"} }]}
                """.ReplaceLineEndings("")
        );

    private static long DirtyBytes(RealQemu daemon) =>
        daemon
            .Execute("query-named-block-nodes", """{"flat": true}""")
            .EnumerateArray()
            .Where(static node => node.GetProperty("node-name").GetString() == "d")
            .Select(static node => node.GetProperty("dirty-bitmaps").EnumerateArray().First().GetProperty("count").GetInt64())
            .Single();

    private static string Node(string format, string name, string path) =>
        $$"""{"driver": "{{format}}", "node-name": "{{name}}", "file": {"driver": "file", "filename": "{{JsonEncodedText.Encode(path)}}"} }""";
}
