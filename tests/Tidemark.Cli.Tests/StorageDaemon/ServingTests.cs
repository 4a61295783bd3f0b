using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Tidemark.Testing;

namespace Tidemark.Cli.Tests.StorageDaemon;

/// <summary>The daemon as a process of its own, spoken to as management software does.</summary>
[Collection(nameof(OneAtATime))]
public sealed class ServingTests : IDisposable
{
    private const int TimeLimitMs = 30_000;
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "tidemark");
    private readonly TempFolder folder = TempFolder.InMemory();
    private Process? daemon;

    public void Dispose()
    {
        if (daemon is { HasExited: false })
        {
            daemon.Kill();
        }
        daemon?.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_term_signal_ends_it_in_good_order()
    {
        var image = MakeImage();
        Start(image, "--pidfile", folder.File("pid"));
        using (var client = Connect())
        {
            _ = client.Ask(
                """{"execute": "block-dirty-bitmap-add", "arguments": {"node": "d", "name": "b", "persistent": true}}"""
            );
            Assert.Equal($"{daemon!.Id}\n", File.ReadAllText(folder.File("pid")));
            _ = ProgramRun.Of("/bin/sh", "-c", $"kill -TERM {daemon.Id}").MustSucceed();
            Assert.True(daemon.WaitForExit(TimeLimitMs), "the daemon ends");
        }
        Assert.Equal(0, daemon.ExitCode);
        Assert.False(File.Exists(folder.File("pid")));
        Assert.False(File.Exists(folder.File("qmp")));
        var info = Tool.Ours("qemu-img", "info", "--output=json", image);
        Assert.Contains("\"name\": \"b\"", info.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("in-use", info.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Quit_replies_and_then_ends()
    {
        Start(MakeImage());
        using var client = Connect();
        Assert.Contains("return", client.Ask("""{"execute": "quit"}"""), StringComparison.Ordinal);
        Assert.True(daemon!.WaitForExit(TimeLimitMs), "the daemon ends");
        Assert.Equal(0, daemon.ExitCode);
    }

    [Fact]
    public void The_next_client_is_greeted_when_the_last_has_hung_up()
    {
        Start(MakeImage());
        for (var i = 0; i < 3; i++)
        {
            using var client = Connect();
            Assert.Contains("qemu", client.Ask("""{"execute": "query-version"}"""), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Daemonize_returns_when_it_is_up()
    {
        var launcher = ProgramRun.Of(
            Program,
            ["qemu-storage-daemon", "--daemonize", "--pidfile", folder.File("pid"), .. Options(MakeImage())]
        );
        Assert.Equal((0, ""), (launcher.ExitCode, launcher.Errors.Trim()));
        using var client = Connect();
        _ = client.Ask("""{"execute": "quit"}""");
        for (var waitedMs = 0; File.Exists(folder.File("pid")) && waitedMs < TimeLimitMs; waitedMs += 10)
        {
            Thread.Sleep(10);
        }
        Assert.False(File.Exists(folder.File("pid")), "the daemon ended and removed its pid file");
    }

    [Fact]
    public void A_failing_daemonize_says_why()
    {
        var launcher = ProgramRun.Of(Program, "qemu-storage-daemon", "--daemonize", "--monitor", "nobody");
        Assert.Equal(1, launcher.ExitCode);
        Assert.Contains("chardev \"nobody\" not found", launcher.Errors, StringComparison.Ordinal);
    }

    private string MakeImage()
    {
        var image = folder.File("disk.qcow2");
        Assert.Equal(0, Tool.Ours("qemu-img", "create", "-q", "-f", "qcow2", image, "4M").ExitCode);
        return image;
    }

    private string[] Options(string image) =>
        [
            "--blockdev",
            $"qcow2,node-name=d,file.driver=file,file.filename={image}",
            "--chardev",
            $"socket,id=c,path={folder.File("qmp")},server=on,wait=off",
            "--monitor",
            "c",
        ];

    private void Start(string image, params string[] more) =>
        daemon = Process.Start(new ProcessStartInfo(Program, ["qemu-storage-daemon", .. Options(image), .. more]));

    private Client Connect()
    {
        for (var waitedMs = 0; ; waitedMs += 10)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            {
                ReceiveTimeout = TimeLimitMs,
            };
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(folder.File("qmp")));
                return new Client(socket);
            }
            catch (SocketException) when (waitedMs < TimeLimitMs)
            {
                socket.Dispose();
                Thread.Sleep(10);
            }
        }
    }

    private sealed class Client : IDisposable
    {
        private readonly Socket socket;
        private readonly StreamReader replies;

        public Client(Socket socket)
        {
            this.socket = socket;
            replies = new StreamReader(new NetworkStream(socket), Encoding.UTF8);
            Assert.Contains("QMP", replies.ReadLine(), StringComparison.Ordinal);
            _ = Ask("""{"execute": "qmp_capabilities"}""");
        }

        public string Ask(string request)
        {
            _ = socket.Send(Encoding.UTF8.GetBytes(request + "\n"));
            while (replies.ReadLine() is { } line)
            {
                if (!JsonDocument.Parse(line).RootElement.TryGetProperty("event", out _))
                {
                    return line;
                }
            }
            throw new InvalidOperationException("the daemon closed the connection");
        }

        public void Dispose()
        {
            replies.Dispose();
            socket.Dispose();
        }
    }
}
