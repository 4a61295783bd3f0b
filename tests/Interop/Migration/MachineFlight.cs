using System.Globalization;
using System.Text.Json;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Migration;

/// <summary>Two machines with a disk each, and a migration between them. Each disk is drive0, its node node0.</summary>
internal sealed class MachineFlight : IDisposable
{
    private readonly TempFolder folder = TempFolder.InMemory();

    private MachineFlight(
        MachineKind source,
        MachineKind target,
        string sourceSize,
        string targetSize,
        bool shared,
        string[] options
    )
    {
        var (from, to) = (Path.Combine(folder.Path, "a.qcow2"), Path.Combine(folder.Path, shared ? "a.qcow2" : "b.qcow2"));
        Create(from, sourceSize);
        if (!shared)
        {
            Create(to, targetSize);
        }
        SourceImage = from;
        TargetImage = to;
        Socket = Path.Combine(folder.Path, "m");
        Source = Start(source, ["-drive", Drive(from), .. options]);
        Target = Start(target, ["-drive", Drive(to), "-incoming", "defer", .. options]);
    }

    /// <summary>The machine that leaves.</summary>
    public RealQemu Source { get; }

    /// <summary>The machine that waits.</summary>
    public RealQemu Target { get; }

    /// <summary>The source's image.</summary>
    public string SourceImage { get; }

    /// <summary>The target's image.</summary>
    public string TargetImage { get; }

    /// <summary>Where the target listens.</summary>
    public string Socket { get; }

    /// <summary>Two machines, their migrations set up with <c>dirty-bitmaps</c> and <c>events</c>.</summary>
    public static MachineFlight Between(
        MachineKind source,
        MachineKind target,
        string sourceSize = "64M",
        string targetSize = "64M",
        bool shared = false,
        bool paused = true
    )
    {
        var flight = new MachineFlight(source, target, sourceSize, targetSize, shared, paused ? ["-S"] : []);
        flight.Enable("events", "dirty-bitmaps");
        return flight;
    }

    /// <summary>Switches capabilities on, on both sides.</summary>
    public void Enable(params string[] capabilities)
    {
        var list = string.Join(',', capabilities.Select(static c => $$"""{"capability": "{{c}}", "state": true}"""));
        foreach (var machine in (RealQemu[])[Source, Target])
        {
            _ = machine.Execute("migrate-set-capabilities", $$"""{"capabilities": [{{list}}]}""");
        }
    }

    /// <summary>Adds a bitmap to the source's disk.</summary>
    public void Add(string name, string options = "") =>
        _ = Source.Execute("block-dirty-bitmap-add", $$"""{"node": "node0", "name": "{{name}}"{{options}}}""");

    /// <summary>Writes to the disk of <paramref name="machine"/> as its guest would.</summary>
    public static void Write(RealQemu machine, string where) =>
        _ = machine.Execute("human-monitor-command", $$"""{"command-line": "qemu-io drive0 \"write -q {{where}}\""}""");

    /// <summary>Begins.</summary>
    public void Go()
    {
        _ = Target.Execute("migrate-incoming", $$"""{"uri": "unix:{{Socket}}"}""");
        _ = Source.Execute("migrate", $$"""{"uri": "unix:{{Socket}}"}""");
    }

    /// <summary>Begins, over a link that can be looked at, or one that brings a few bytes at a time.</summary>
    public Link GoOverLink(bool isSlow)
    {
        var near = Path.Combine(folder.Path, "s");
        _ = Target.Execute("migrate-incoming", $$"""{"uri": "unix:{{Socket}}"}""");
        return Link.Lay(near, Socket, isSlow, () => _ = Source.Execute("migrate", $$"""{"uri": "unix:{{near}}"}"""));
    }

    /// <summary>Begins, and waits for both sides to be done with it.</summary>
    public void GoThrough()
    {
        Go();
        Assert.Equal("completed", End(Source));
        Assert.Equal("completed", End(Target));
    }

    /// <summary>Waits for the end of a migration; returns how it ended.</summary>
    public static string End(RealQemu machine) => WaitFor(machine, "completed", "failed", "cancelled");

    /// <summary>Waits for one of several states of a migration; returns which it is.</summary>
    public static string WaitFor(RealQemu machine, params string[] states)
    {
        for (var tries = 0; tries < 2000; tries++)
        {
            var info = machine.Execute("query-migrate");
            if (info.TryGetProperty("status", out var status) && states.Contains(status.GetString(), StringComparer.Ordinal))
            {
                return status.GetString()!; // one of the states
            }
            Thread.Sleep(5);
        }
        throw new InvalidOperationException($"never in {string.Join(", ", states)}: {machine.Execute("query-migrate")}");
    }

    /// <summary>Dirty bytes of the only bitmap of a machine's disk.</summary>
    public static long Count(RealQemu machine) =>
        long.Parse(Bitmaps(machine).Single().Split(' ')[2], CultureInfo.InvariantCulture);

    /// <summary>What a machine is doing.</summary>
    public static string State(RealQemu machine) => machine.Execute("query-status").GetProperty("status").GetString()!; // always there

    /// <summary>The bitmaps of a machine's disk in their order: what queries tell, and a digest of their bits.</summary>
    public static IReadOnlyList<string> Bitmaps(RealQemu machine)
    {
        var node = machine
            .Execute("query-named-block-nodes")
            .EnumerateArray()
            .First(static n => n.GetProperty("node-name").GetString() == "node0");
        return node.TryGetProperty("dirty-bitmaps", out var list) ? [.. list.EnumerateArray().Select(b => Tell(machine, b))] : [];
    }

    /// <summary>As <see cref="Bitmaps"/>, once a migration that has failed lets go of them: the reference tells of its end before.</summary>
    public static IReadOnlyList<string> BitmapsAtRest(RealQemu machine)
    {
        for (var tries = 0; ; tries++)
        {
            var bitmaps = Bitmaps(machine);
            if (tries == 400 || !bitmaps.Any(static b => b.EndsWith("busy", StringComparison.Ordinal)))
            {
                return bitmaps;
            }
            Thread.Sleep(5);
        }
    }

    /// <summary>The statuses that MIGRATION events told of, and other events by name.</summary>
    public static IReadOnlyList<string> Events(RealQemu machine) =>
        [
            .. machine.EventHistory.Select(static e =>
                e.GetProperty("event").GetString() switch
                {
                    "MIGRATION" => e.GetProperty("data").GetProperty("status").GetString()!, // always there
                    "MIGRATION_PASS" => $"pass {e.GetProperty("data").GetProperty("pass")}",
                    var other => other!, // an event has a name
                }
            ),
        ];

    /// <inheritdoc/>
    public void Dispose()
    {
        Source.Dispose();
        Target.Dispose();
        folder.Dispose();
    }

    private static RealQemu Start(MachineKind kind, string[] options) =>
        kind == MachineKind.Ours ? Ours.StartMachine(options) : RealQemu.StartMachine(null, options);

    private static string Drive(string file) => $"if=none,id=drive0,node-name=node0,file={file},format=qcow2";

    private static void Create(string path, string size) =>
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", "qcow2", path, size).MustSucceed();

    private static string Tell(RealQemu machine, JsonElement bitmap)
    {
        var name = bitmap.GetProperty("name").GetString();
        var digest = bitmap.GetProperty("busy").GetBoolean()
            ? "busy"
            : machine
                .Execute("x-debug-block-dirty-bitmap-sha256", $$"""{"node": "node0", "name": "{{name}}"}""")
                .GetProperty("sha256")
                .GetString();
        var words = (string[])["recording", "persistent"];
        var flags = string.Join(' ', words.Where(word => bitmap.GetProperty(word).GetBoolean()));
        return $"{name} {bitmap.GetProperty("granularity")} {bitmap.GetProperty("count")} {flags} {digest}";
    }
}
