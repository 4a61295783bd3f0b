using System.Diagnostics;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests;

/// <summary>
/// A daemon that a service manager starts with a socket that listens already: as the reference's, it takes the descriptor by its number,
/// for exports as well as for monitors.
/// </summary>
public sealed class SocketActivationTests
{
    private const int TimeLimitMs = 20_000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Exports_are_served_on_a_socket_that_was_handed_over(bool ours) =>
        Activated(
            ours,
            [
                "--blockdev",
                "null-co,node-name=n,size=1048576",
                "--nbd-server",
                "addr.type=fd,addr.str=3",
                "--export",
                "nbd,id=e,node-name=n",
            ],
            path =>
            {
                // The socket goes on listening when a client has gone.
                for (var client = 0; client < 3; client++)
                {
                    var info = ProgramRun.Of("nbdinfo", "--size", $"nbd+unix:///n?socket={path}").MustSucceed();
                    Assert.Equal("1048576", info.Output.Trim());
                }
            }
        );

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_monitor_is_served_on_a_socket_that_was_handed_over(bool ours) =>
        Activated(
            ours,
            ["--chardev", "socket,id=m,fd=3,server=on,wait=off", "--monitor", "chardev=m"],
            path =>
            {
                const string Talk =
                    "import socket,sys\n"
                    + "s=socket.socket(socket.AF_UNIX); s.settimeout(15); s.connect(sys.argv[1]); f=s.makefile('rw')\n"
                    + "print(f.readline()[:6])\n"
                    + "f.write('{\"execute\":\"qmp_capabilities\"}\\n'); f.flush(); print(f.readline().strip())\n";
                for (var client = 0; client < 2; client++)
                {
                    var run = ProgramRun.Of("python3", "-c", Talk, path).MustSucceed();
                    Assert.Equal("{\"QMP\"\n{\"return\": {}}\n", run.Output);
                }
            }
        );

    private static void Activated(bool ours, string[] options, Action<string> use)
    {
        Assert.SkipUnless(ProgramRun.Exists("python3"), "python3 is not installed");
        using var folder = TempFolder.InMemory();
        var path = folder.File("socket");
        var program = ours ? Ours.Program("qemu-storage-daemon") : "qemu-storage-daemon";
        using var daemon =
            Process.Start(new ProcessStartInfo("python3", [Ours.Script("activate.py"), path, program, .. options]))
            ?? throw new InvalidOperationException("no daemon");
        try
        {
            for (var waitedMs = 0; !File.Exists(path) && waitedMs < TimeLimitMs; waitedMs += 10)
            {
                Thread.Sleep(10);
            }
            use(path);
            _ = ProgramRun.Of("kill", "-TERM", $"{daemon.Id}").MustSucceed();
            Assert.True(daemon.WaitForExit(TimeLimitMs), "the daemon ends when it is told to");
        }
        finally
        {
            if (!daemon.HasExited)
            {
                daemon.Kill();
            }
        }
    }
}
