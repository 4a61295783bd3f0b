using System.Globalization;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests;

/// <summary>
/// The lock bytes by which programs keep out of each other's images: the kernel's own list of locks shows the same bytes for our daemon as
/// for the reference's, so that each sees what the other does.
/// </summary>
public sealed class LockBytesTests
{
    [Theory]
    [InlineData("raw", false)]
    [InlineData("raw", true)]
    [InlineData("qcow2", false)]
    [InlineData("qcow2", true)]
    public void Both_programs_lock_the_same_bytes(string format, bool writable)
    {
        using var folder = TempFolder.OnDisk();
        var disk = folder.File("disk");
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", format, disk, "1M").MustSucceed();
        var node = $"{format},node-name=d,file.driver=file,file.filename={disk},read-only={(writable ? "off" : "on")}";
        var theirs = LockedBy(RealQemu.Start("--blockdev", node), disk, writable);
        var ours = LockedBy(Ours.StartDaemon("--blockdev", node), disk, writable);
        Assert.NotEmpty(theirs);
        Assert.Equal(theirs, ours);
    }

    [Theory]
    [InlineData("off", 0)]
    [InlineData("on", 3)]
    public void The_look_at_locks_sees_when_there_are_none(string locking, int atLeast)
    {
        using var folder = TempFolder.OnDisk();
        var disk = folder.File("disk");
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", "raw", disk, "1M").MustSucceed();
        var node = $"raw,node-name=d,file.driver=file,file.filename={disk},file.locking={locking}";
        var locked = LockedBy(Ours.StartDaemon("--blockdev", node), disk, writable: true);
        Assert.True(atLeast == 0 ? locked.Count == 0 : locked.Count >= atLeast, string.Join(' ', locked));
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "Failed to get")]
    public void Whoever_comes_second_is_kept_out_by_locks_alone(bool locking, string expected)
    {
        using var folder = TempFolder.OnDisk();
        var disk = folder.File("disk");
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", "qcow2", disk, "1M").MustSucceed();
        var word = locking ? "on" : "off";
        using var daemon = Ours.StartDaemon(
            "--blockdev",
            $"qcow2,node-name=d,file.driver=file,file.filename={disk},file.locking={word}"
        );
        daemon.Export("d");
        var theirs = ProgramRun.Of("qemu-io", "-f", "qcow2", "-c", "write -q 0 4k", disk);
        var ours = Ours.Io("-f", "qcow2", "-c", "write -q 0 4k", disk);
        Assert.Equal(locking ? 1 : 0, theirs.ExitCode);
        Assert.Equal(theirs.ExitCode, ours.ExitCode);
        Assert.Contains(expected, theirs.Errors + theirs.Output, StringComparison.Ordinal);
        Assert.Contains(expected, ours.Errors + ours.Output, StringComparison.Ordinal);
    }

    private static SortedSet<int> LockedBy(RealQemu daemon, string disk, bool writable)
    {
        using (daemon)
        {
            var address = """{"addr": {"type": "unix", "data": {"path": "PATH"}}}""";
            _ = daemon.Execute(
                "nbd-server-start",
                address.Replace("PATH", Path.Combine(daemon.Folder, "nbd"), StringComparison.Ordinal)
            );
            var export = """{"type": "nbd", "id": "e", "node-name": "d", "writable": WRITABLE}""";
            _ = daemon.Execute(
                "block-export-add",
                export.Replace("WRITABLE", writable ? "true" : "false", StringComparison.Ordinal)
            );
            var locked = BytesLocked(disk);
            Assert.Equal(0, daemon.Quit());
            return locked;
        }
    }

    // "1: OFDLCK ADVISORY  READ -1 08:01:12345 100 101": device and inode, first and last byte.
    private static SortedSet<int> BytesLocked(string path)
    {
        var inode = ":" + ProgramRun.Of("stat", "-c", "%i", path).MustSucceed().Output.Trim();
        var bytes = new SortedSet<int>();
        foreach (var line in File.ReadLines("/proc/locks"))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 8 && fields[1] == "OFDLCK" && fields[5].EndsWith(inode, StringComparison.Ordinal))
            {
                var (first, last) = (Number(fields[6]), Number(fields[7]));
                bytes.UnionWith(Enumerable.Range(first, last - first + 1));
            }
        }
        return bytes;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
