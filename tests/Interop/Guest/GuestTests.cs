using System.Globalization;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Guest;

/// <summary>
/// A real guest whose disk we serve and track: while it writes and syncs, a full backup and increments are taken over QMP. Each
/// restored point is a file system that fsck finds whole after replaying its journal, and holds every round that the guest had
/// synced when the backup began. J2, J3, J8.
/// </summary>
public sealed class GuestTests
{
    private const int Increments = 3;
    private const int FilesInTurn = 40;

    [Theory]
    [InlineData("qcow2")]
    [InlineData("raw")]
    public void Every_backup_of_a_running_guest_restores_to_a_whole_file_system(string format)
    {
        Assert.SkipUnless(GuestMachine.IsInstalled, "no guest: run tests/guest-kernel and install qemu-system-x86");
        using var daemon = Ours.StartDaemon();
        MakeDisk(daemon.Folder, format);
        AddNode(daemon, "disk", "disk.img", format);
        daemon.Export("disk");
        var synced = new List<int>();
        using (var guest = new GuestMachine(daemon.NbdUri("disk")))
        {
            _ = guest.AwaitRounds(5);
            for (var point = 0; point <= Increments; point++)
            {
                MakeTarget(daemon, point);
                synced.Add(guest.Rounds);
                _ = daemon.Execute("transaction", $"{{\"actions\": [{(point == 0 ? Anchor : Increment(point))}]}}");
                var end = daemon.WaitEvent("BLOCK_JOB_COMPLETED", $"job{point}");
                Assert.False(end.TryGetProperty("error", out var error), $"{error}");
                _ = guest.AwaitRounds(4);
            }
        }
        Assert.Equal(0, daemon.Quit());
        for (var point = 0; point <= Increments; point++)
        {
            Judge(daemon.Folder, point, synced[point]);
        }
    }

    private static string Anchor =>
        """
            {"type": "block-dirty-bitmap-add", "data": {"node": "disk", "name": "changes"}},
            {"type": "blockdev-backup", "data": {"job-id": "job0", "device": "disk", "target": "target0", "sync": "full"}}
            """;

    private static string Increment(int point) =>
        $"{{\"type\": \"blockdev-backup\", \"data\": {{\"job-id\": \"job{point}\", \"device\": \"disk\", \"target\": \"target{point}\","
        + " \"sync\": \"incremental\", \"bitmap\": \"changes\"}}";

    private static void MakeDisk(string folder, string format)
    {
        var raw = Path.Combine(folder, "empty.raw");
        _ = ProgramRun.Of("mke2fs", "-q", "-t", "ext4", "-F", raw, "96M").MustSucceed();
        _ = ProgramRun.Of("qemu-img", "convert", "-O", format, raw, Path.Combine(folder, "disk.img")).MustSucceed();
    }

    private static void MakeTarget(RealQemu daemon, int point)
    {
        var name = Path.Combine(daemon.Folder, $"target{point}.qcow2");
        string[] backing = point == 0 ? [] : ["-b", $"target{point - 1}.qcow2", "-F", "qcow2"];
        _ = Ours.Img(["create", "-q", "-f", "qcow2", .. backing, name, "96M"]).MustSucceed();
        AddNode(daemon, $"target{point}", $"target{point}.qcow2", "qcow2", ", \"backing\": null");
    }

    private static void AddNode(RealQemu daemon, string node, string file, string format, string more = "") =>
        _ = daemon.Execute(
            "blockdev-add",
            $"{{\"driver\": \"{format}\", \"node-name\": \"{node}\", \"file\": {{\"driver\": \"file\", \"filename\": \"{file}\"}}{more}}}"
        );

    private static void Judge(string folder, int point, int synced)
    {
        var restored = Path.Combine(folder, $"restored{point}.raw");
        _ = ProgramRun
            .Of("qemu-img", "convert", "-O", "raw", Path.Combine(folder, $"target{point}.qcow2"), restored)
            .MustSucceed();
        // The plug was pulled at that moment: the journal is replayed (exit code 1), then nothing may be left to mend.
        Assert.InRange(ProgramRun.Of("e2fsck", "-p", restored).ExitCode, 0, 1);
        var check = ProgramRun.Of("e2fsck", "-fn", restored);
        Assert.True(check.ExitCode == 0, $"point {point}: {check.Output}");
        var last = int.Parse(Read(restored, "last"), CultureInfo.InvariantCulture);
        Assert.True(last >= synced, $"point {point} holds round {last}, but {synced} was synced before it");
        for (var round = Math.Max(1, last - FilesInTurn + 2); round <= last; round++)
        {
            var expected = Enumerable.Range(round * 1000, (200 * ((round % 7) + 1)) + 1);
            Assert.Equal(string.Join('\n', expected), Read(restored, $"r{round % FilesInTurn}"));
        }
    }

    private static string Read(string image, string file) =>
        ProgramRun.Of("debugfs", "-R", $"cat {file}", image).MustSucceed().Output.Trim();
}
