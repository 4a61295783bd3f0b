using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Tidemark.Testing;

/// <summary>
/// A real qemu-storage-daemon in a folder of its own, with a QMP monitor and, on demand, an NBD server: the oracle of live tests.
/// It belongs to one test and ends with it.
/// </summary>
public sealed class RealQemu : IDisposable
{
    private const string Daemon = "qemu-storage-daemon";
    private const string Emulator = "qemu-system-x86_64";
    private const int TimeLimitMs = 30_000;
    private const int StartTimeMs = 5_000;
    private const int StartsAtMost = 3;

    private static readonly string[] NoGuest = ["-machine", "none", "-nodefaults", "-display", "none"];

    private readonly Process process;
    private readonly Socket socket;
    private readonly StreamReader replies;
    private readonly Queue<JsonElement> events = new();
    private readonly List<JsonElement> history = [];
    private readonly ProcessStartInfo start;
    private readonly string program;
    private readonly string[] options;
    private readonly bool isMachine;
    private bool hasNbdServer;
    private bool folderHandedOn;

    private RealQemu(string folder, string program, string[] options, bool isMachine = false)
    {
        Folder = folder;
        this.program = program;
        this.options = options;
        this.isMachine = isMachine;
        var monitor = Path.Combine(folder, "qmp");
        string[] arguments =
        [
            .. isMachine ? NoGuest : [],
            "--chardev",
            $"socket,id=m,path={monitor},server=on,wait=off",
            .. isMachine ? (string[])["-mon", "chardev=m,mode=control"] : ["--monitor", "chardev=m"],
            .. options,
        ];
        start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder };
        (process, socket, replies) = Launch(monitor);
    }

    /// <summary>Whether the programs that this class runs are installed.</summary>
    public static bool IsInstalled { get; } = ProgramRun.Exists(Daemon) && ProgramRun.Exists("qemu-io");

    /// <summary>All events that were read so far, the oldest first.</summary>
    public IReadOnlyList<JsonElement> EventHistory => history;

    /// <summary>Where its sockets are, and where a test may put images; it is the daemon's working folder. Removed at the end.</summary>
    public string Folder { get; }

    /// <summary>Starts a daemon with further command-line options.</summary>
    public static RealQemu Start(params string[] options) => StartProgram(Daemon, options);

    /// <summary>Starts another program that takes the daemon's options: ours, to be driven in the same way.</summary>
    public static RealQemu StartProgram(string program, params string[] options) =>
        new(Directory.CreateTempSubdirectory("tidemark-").FullName, program, options);

    /// <summary>Starts the reference's emulator with a machine without a guest, or another program that takes its options.</summary>
    public static RealQemu StartMachine(string? program, params string[] options) =>
        new(Directory.CreateTempSubdirectory("tidemark-").FullName, program ?? Emulator, options, isMachine: true);

    /// <summary>Waits for the process to end by itself; returns its exit code.</summary>
    public int WaitForExit() =>
        process.WaitForExit(TimeLimitMs) ? process.ExitCode : throw new InvalidOperationException("the process does not end");

    /// <summary>Descriptors that the daemon has open now.</summary>
    public int OpenDescriptors => Directory.GetFileSystemEntries($"/proc/{process.Id}/fd").Length;

    /// <summary>The daemon's process id.</summary>
    public int ProcessId => process.Id;

    /// <summary>Kills the daemon without a chance to write anything more, and waits for its end.</summary>
    public void Kill()
    {
        process.Kill();
        _ = process.WaitForExit(TimeLimitMs);
    }

    /// <summary>Asks the daemon to end, and waits until it has; returns its exit code.</summary>
    public int Quit()
    {
        _ = Ask("quit", "{}");
        if (!process.WaitForExit(TimeLimitMs))
        {
            throw new InvalidOperationException("the daemon does not end after quit");
        }
        return process.ExitCode;
    }

    /// <summary>Ends the daemon in good order and starts another, with the same options, in the same folder; this one is over then.</summary>
    public RealQemu Restart()
    {
        _ = Quit();
        folderHandedOn = true;
        Dispose();
        return new RealQemu(Folder, program, options, isMachine);
    }

    /// <summary>Reads on until an event of this name for this id (a job's or a device's) arrives; returns its data, if it has any.</summary>
    public JsonElement WaitEvent(string name, string? id = null)
    {
        while (true)
        {
            var message = events.Count > 0 ? events.Dequeue() : Read();
            if (
                message.TryGetProperty("event", out var found)
                && found.GetString() == name
                && (id is null || Mentions(message.GetProperty("data"), id))
            )
            {
                return message.TryGetProperty("data", out var data) ? data : default;
            }
        }
    }

    /// <summary>Reads on until <see cref="EventHistory"/> has grown by one.</summary>
    public void AwaitEvent()
    {
        var message = Read();
        if (!message.TryGetProperty("event", out _))
        {
            throw new InvalidOperationException($"a reply that nobody asked for: {message}");
        }
        events.Enqueue(message);
    }

    /// <summary>The URI of an export of the NBD server.</summary>
    public string NbdUri(string export) => $"nbd+unix:///{export}?socket={Path.Combine(Folder, "nbd")}";

    /// <summary>Runs a QMP command, arguments as a JSON object, and returns what it returned; an error reply throws.</summary>
    public JsonElement Execute(string command, string arguments = "{}")
    {
        var reply = Ask(command, arguments);
        return reply.TryGetProperty("return", out var value) ? value : throw new InvalidOperationException($"{command}: {reply}");
    }

    /// <summary>Runs a QMP command that must be refused and returns the description of the error.</summary>
    public string ExecuteRefused(string command, string arguments = "{}")
    {
        var reply = Ask(command, arguments);
        return reply.TryGetProperty("error", out var error)
            ? error.GetProperty("desc").GetString() ?? ""
            : throw new InvalidOperationException($"{command} was not refused: {reply}");
    }

    /// <summary>Exports <paramref name="node"/> writable under its own name, with bitmaps of it if any; starts the server if it isn't there.</summary>
    public void Export(string node, params string[] bitmaps)
    {
        if (!hasNbdServer)
        {
            hasNbdServer = true;
            var path = JsonEncodedText.Encode(Path.Combine(Folder, "nbd"));
            _ = Execute("nbd-server-start", $$$"""{"addr": {"type": "unix", "data": {"path": "{{{path}}}"} } }""");
        }
        var names = string.Join(", ", bitmaps.Select(name => $"\"{JsonEncodedText.Encode(name)}\""));
        _ = Execute(
            "block-export-add",
            $$"""{"id": "{{node}}", "type": "nbd", "node-name": "{{node}}", "writable": true, "bitmaps": [{{names}}]}"""
        );
    }

    /// <summary>Ends the export of <paramref name="node"/>, and returns when it is gone.</summary>
    public void Unexport(string node)
    {
        _ = Execute("block-export-del", $$"""{"id": "{{node}}"}""");
        while (Execute("query-block-exports").EnumerateArray().Any(export => export.GetProperty("id").GetString() == node))
        {
            Thread.Sleep(5);
        }
    }

    /// <summary>Runs qemu-io commands ("write 0 64k") on an export of this daemon; throws when one fails.</summary>
    public void QemuIo(string export, params IEnumerable<string> commands) => _ = RunQemuIo(export, commands).MustSucceed();

    /// <summary>As <see cref="QemuIo"/>; gives the complaints, of which there need not be any.</summary>
    public string TryQemuIo(string export, params IEnumerable<string> commands)
    {
        var run = RunQemuIo(export, commands);
        var lines = (run.Output + run.Errors).Split('\n').Where(static line => line.Contains("failed", StringComparison.Ordinal));
        return $"{run.ExitCode}{string.Concat(lines)}";
    }

    /// <summary>Sends one line as it is, with descriptors beside it if any, and returns the reply to it, whatever that says.</summary>
    public JsonElement AskLine(string line, params ReadOnlySpan<int> descriptors)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        if (descriptors.IsEmpty)
        {
            _ = socket.Send(bytes);
        }
        else
        {
            DescriptorSender.Send(socket, bytes, descriptors);
        }
        while (true)
        {
            var message = Read();
            if (!message.TryGetProperty("event", out _))
            {
                return message;
            }
            events.Enqueue(message);
        }
    }

    /// <summary>Ends the daemon and removes its folder.</summary>
    public void Dispose()
    {
        replies.Dispose();
        socket.Dispose();
        if (!process.HasExited)
        {
            process.Kill();
            _ = process.WaitForExit(TimeLimitMs);
        }
        process.Dispose();
        if (!folderHandedOn)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private JsonElement Ask(string command, string arguments) =>
        AskLine($$"""{"execute": "{{command}}", "arguments": {{arguments}}}""");

    private JsonElement Read()
    {
        var line = replies.ReadLine() ?? throw new InvalidOperationException("the daemon closed the connection");
        var message = JsonDocument.Parse(line).RootElement;
        if (message.TryGetProperty("event", out _))
        {
            history.Add(message);
        }
        return message;
    }

    private ProgramRun RunQemuIo(string export, IEnumerable<string> commands) =>
        ProgramRun.Of(
            "qemu-io",
            [
                .. commands.SelectMany(static command => (string[])["-c", command]),
                "--image-opts",
                $"driver=nbd,server.type=unix,server.path={Folder}/nbd,export={export}",
            ]
        );

    private static bool Mentions(JsonElement data, string id) =>
        (data.TryGetProperty("id", out var value) || data.TryGetProperty("device", out value)) && value.GetString() == id;

    // The reference, while it starts, loses a request now and then: then it is started once more.
    private (Process Process, Socket Socket, StreamReader Replies) Launch(string monitor)
    {
        for (var attempt = 1; ; attempt++)
        {
            var launched = Process.Start(start) ?? throw new InvalidOperationException("no daemon");
            var link = Connect(launched, monitor);
            var reader = new StreamReader(new NetworkStream(link), Encoding.UTF8);
            try
            {
                link.ReceiveTimeout = attempt < StartsAtMost ? StartTimeMs : TimeLimitMs;
                _ = reader.ReadLine();
                _ = link.Send("""{"execute": "qmp_capabilities"}"""u8);
                _ = reader.ReadLine();
                link.ReceiveTimeout = TimeLimitMs;
                return (launched, link, reader);
            }
            catch (IOException) when (attempt < StartsAtMost)
            {
                reader.Dispose();
                launched.Kill();
                _ = launched.WaitForExit(TimeLimitMs);
                launched.Dispose();
                File.Delete(monitor);
            }
        }
    }

    private static Socket Connect(Process owner, string path)
    {
        var attempt = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            ReceiveTimeout = TimeLimitMs,
        };
        for (var waitedMs = 0; ; waitedMs += 10)
        {
            try
            {
                attempt.Connect(new UnixDomainSocketEndPoint(path));
                return attempt;
            }
            catch (SocketException) when (waitedMs < TimeLimitMs && !owner.HasExited)
            {
                Thread.Sleep(10);
            }
        }
    }
}
