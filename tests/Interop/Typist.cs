using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests;

/// <summary>Types what a manual says: shell lines in a folder, where our programs go by their usual names, and QMP requests to the monitor there.</summary>
internal sealed class Typist(string folder) : IDisposable
{
    private const int TimeLimitMs = 30_000;

    private readonly List<string> seen = [];
    private Socket? socket;
    private StreamReader? replies;

    /// <summary>Runs lines in a shell; they must succeed.</summary>
    public void Shell(string lines)
    {
        var script = Path.Combine(folder, "typed.sh");
        File.WriteAllText(
            script,
            $"set -e\nPATH={Ours.Folder}:$PATH\ncd {folder}\n{lines}\n{(lines.Contains(" &\n", StringComparison.Ordinal) ? "echo $! > pid\n" : "")}"
        );
        var run = ProgramRun.Of("bash", script);
        Assert.True(run.ExitCode == 0, $"{lines}\n{run.Output}{run.Errors}");
    }

    /// <summary>Sends a request; it must succeed.</summary>
    public void Command(string request)
    {
        Connect();
        var line = request.ReplaceLineEndings(" ").Trim();
        var reply = Ask(line);
        Assert.True(reply.TryGetProperty("return", out _), $"{line}\n{reply}");
        if (line.Contains("block-export-del", StringComparison.Ordinal))
        {
            Await("BLOCK_EXPORT_DELETED");
        }
        else if (line.Contains("job-id", StringComparison.Ordinal))
        {
            Await("concluded", "ready");
        }
        else if (line.Contains("job-complete", StringComparison.Ordinal))
        {
            Await("concluded");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        replies?.Dispose();
        socket?.Dispose();
        var pid = Path.Combine(folder, "pid");
        if (File.Exists(pid))
        {
            // The manual ends with "quit"; a test that failed before does not leave the daemon behind.
            _ = ProgramRun.Of(
                "bash",
                "-c",
                $"for i in $(seq 50); do kill -0 $(cat {pid}) 2>/dev/null || exit 0; sleep 0.1; done; kill $(cat {pid})"
            );
        }
    }

    private void Connect()
    {
        if (socket is not null)
        {
            return;
        }
        socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = TimeLimitMs };
        socket.Connect(new UnixDomainSocketEndPoint(Path.Combine(folder, "qmp.sock")));
        replies = new StreamReader(new NetworkStream(socket), Encoding.UTF8);
        _ = replies.ReadLine();
        _ = Ask("{\"execute\": \"qmp_capabilities\"}");
    }

    private JsonElement Ask(string line)
    {
        _ = socket!.Send(Encoding.UTF8.GetBytes(line + "\n")); // connected before anything is asked
        while (true)
        {
            var message = Read();
            if (!message.TryGetProperty("event", out _))
            {
                return message;
            }
            seen.Add(message.ToString());
        }
    }

    private void Await(params string[] texts)
    {
        while (seen.RemoveAll(message => texts.Any(text => message.Contains($"\"{text}\"", StringComparison.Ordinal))) == 0)
        {
            seen.Add(Read().ToString());
        }
    }

    private JsonElement Read() =>
        JsonDocument
            .Parse(replies!.ReadLine() ?? throw new InvalidOperationException("the daemon closed the connection"))
            .RootElement; // connected before anything is read
}
