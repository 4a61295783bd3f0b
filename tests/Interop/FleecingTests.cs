using System.Diagnostics;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests;

/// <summary>One command fleeces a disk that is in use: what a third-party program pulls is the disk of the moment. J9.</summary>
public sealed class FleecingTests
{
    [Fact]
    public void Several_disks_are_kept_at_one_moment_while_they_are_written()
    {
        using var daemon = Ours.StartDaemon();
        foreach (var disk in (string[])["a", "b"])
        {
            AddDisk(daemon, disk);
            daemon.QemuIo(disk, "write -q -P 1 0 8M");
        }
        _ = daemon.Execute(
            "transaction",
            """
            {"actions": [
              {"type": "block-dirty-bitmap-add", "data": {"node": "a", "name": "n"}},
              {"type": "x-tidemark-fleecing-start", "data": {"node": "a", "access-node-name": "past-a", "filter-node-name": "filter-a"}},
              {"type": "x-tidemark-fleecing-start", "data": {"node": "b", "access-node-name": "past-b"}}]}
            """.ReplaceLineEndings("")
        );
        foreach (var disk in (string[])["a", "b"])
        {
            _ = daemon.Execute("block-export-add", $$"""{"type": "nbd", "id": "past-{{disk}}", "node-name": "past-{{disk}}"}""");
        }
        using (var writer = Process.Start("qemu-io", ["-f", "raw", .. Writes(), daemon.NbdUri("a")]))
        {
            daemon.QemuIo("b", "write -q -P 7 1M 1M", "write -q -z 2M 1M", "discard 4M 1M");
            foreach (var disk in (string[])["a", "b"])
            {
                var copy = Path.Combine(daemon.Folder, $"{disk}.raw");
                _ = ProgramRun.Of("nbdcopy", daemon.NbdUri($"past-{disk}"), copy).MustSucceed();
                Assert.DoesNotContain(File.ReadAllBytes(copy).AsSpan(0, 8 << 20).ToArray(), static b => b != 1);
            }
            writer.WaitForExit();
            Assert.Equal(0, writer.ExitCode);
        }
        Assert.Equal(
            "Node past-a is in use",
            daemon.ExecuteRefused("x-tidemark-fleecing-stop", """{"access-node-name": "past-a"}""")
        );
        daemon.Unexport("past-a");
        _ = daemon.Execute("x-tidemark-fleecing-stop", """{"access-node-name": "past-a"}""");
        daemon.QemuIo("a", "read -q -P 9 0 64k");
        Assert.Equal(0, daemon.Quit());
        _ = ProgramRun.Of("qemu-img", "check", Path.Combine(daemon.Folder, "a.img")).MustSucceed();
    }

    [Fact]
    public void What_is_refused_leaves_nothing_behind()
    {
        using var daemon = Ours.StartDaemon();
        AddDisk(daemon, "a");
        _ = daemon.Execute("blockdev-add", """{"driver": "null-co", "node-name": "small", "size": 4096}""");
        var before = daemon.Execute("query-named-block-nodes").ToString();
        (string Arguments, string Expected)[] wrong =
        [
            (""" "node": "none", "access-node-name": "p" """, "Node 'none' not found"),
            (""" "node": "a", "access-node-name": "a" """, "Duplicate nodes with node-name='a'"),
            (""" "node": "a", "access-node-name": "p", "filter-node-name": "1" """, "Invalid node-name: '1'"),
            (""" "node": "a", "access-node-name": "p", "target": "none" """, "Cannot find device='none' nor node-name='none'"),
            (""" "node": "a", "access-node-name": "p", "bitmap": "none" """, "Dirty bitmap 'none' not found"),
            (""" "node": "a", "access-node-name": "p", "scratch-directory": "/none" """, "No such file or directory"),
        ];
        foreach (var (arguments, expected) in wrong)
        {
            Assert.Contains(
                expected,
                daemon.ExecuteRefused("x-tidemark-fleecing-start", $"{{{arguments}}}"),
                StringComparison.Ordinal
            );
        }
        _ = daemon.ExecuteRefused(
            "transaction",
            """
            {"actions": [{"type": "x-tidemark-fleecing-start", "data": {"node": "a", "access-node-name": "p"}}, {"type": "abort", "data": {}}]}
            """.ReplaceLineEndings("")
        );
        Assert.Equal(
            "Node 'p' is not the access node of a fleecing",
            daemon.ExecuteRefused("x-tidemark-fleecing-stop", """{"access-node-name": "p"}""")
        );
        Assert.Equal(before, daemon.Execute("query-named-block-nodes").ToString());
        Assert.Equal("[]", daemon.Execute("x-tidemark-query-fleecing").ToString());
        daemon.QemuIo("a", "write -q -P 1 0 64k", "read -q -P 1 0 64k");
    }

    [Fact]
    public void A_guest_notices_nothing_of_a_scratch_that_fails()
    {
        using var daemon = Ours.StartDaemon();
        AddDisk(daemon, "a");
        _ = daemon.Execute(
            "blockdev-add",
            """
            {"driver": "blkdebug", "node-name": "bad", "image": {"driver": "null-co", "size": 67108864},
             "inject-error": [{"event": "none", "iotype": "write", "errno": 28}]}
            """.ReplaceLineEndings("")
        );
        daemon.QemuIo("a", "write -q -P 1 0 1M");
        _ = daemon.Execute("x-tidemark-fleecing-start", """{"node": "a", "access-node-name": "p", "target": "bad"}""");
        daemon.QemuIo("a", "write -q -P 2 0 1M", "read -q -P 2 0 1M");
        var broken = daemon.WaitEvent("X_TIDEMARK_FLEECING_BROKEN");
        Assert.Equal("No space left on device", broken.GetProperty("error").GetString());
        Assert.Equal("p", broken.GetProperty("access-node-name").GetString());
        var listed = daemon.Execute("x-tidemark-query-fleecing")[0];
        Assert.True(listed.GetProperty("is-broken").GetBoolean());
        _ = daemon.Execute("x-tidemark-fleecing-stop", """{"access-node-name": "p"}""");
    }

    private static IEnumerable<string> Writes() =>
        Enumerable.Range(0, 200).SelectMany(static i => new[] { "-c", $"write -q -P 9 {i * 37 % 128 * 64}k 64k" });

    private static void AddDisk(RealQemu daemon, string name)
    {
        var path = Path.Combine(daemon.Folder, $"{name}.img");
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", "qcow2", path, "64M").MustSucceed();
        _ = daemon.Execute(
            "blockdev-add",
            $$"""{"file": {"driver": "file", "filename": "{{path}}"}, "driver": "qcow2", "node-name": "{{name}}", "discard": "unmap"}"""
        );
        daemon.Export(name);
    }
}
