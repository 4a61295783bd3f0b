using System.Text.Json;
using System.Text.Json.Nodes;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>
/// The reference's storage daemon and ours side by side: each gets the same requests, and each reply must be the same, key for
/// key. Requests are written in the monitor's dialect, with single quotes; file names are relative to each daemon's own folder.
/// </summary>
internal sealed partial class DaemonPair : IDisposable
{
    private readonly List<string> script = [];
    private readonly Dictionary<(RealQemu Daemon, string Job), int> seen = [];
    private RealQemu reference;
    private RealQemu ours;

    public DaemonPair(params string[] options)
        : this(RealQemu.Start(options), Ours.StartDaemon(options)) { }

    private DaemonPair(RealQemu reference, RealQemu ours) => (this.reference, this.ours) = (reference, ours);

    /// <summary>Machines without a guest instead of daemons.</summary>
    public static DaemonPair Machines(params string[] options) =>
        new(RealQemu.StartMachine(null, options), Ours.StartMachine(options));

    /// <summary>What was asked so far, for messages and for generators.</summary>
    public IReadOnlyList<string> Script => script;

    /// <summary>Makes the same image for both, by qemu-img.</summary>
    public void Image(string name, string format = "qcow2", string size = "64M", params string[] options)
    {
        script.Add($"qemu-img create -f {format} {string.Join(' ', options)} {name} {size}");
        var made = Path.Combine(reference.Folder, name);
        _ = ProgramRun
            .Of("qemu-img", ["create", "-q", "-f", format, .. options, made, .. size.Length > 0 ? [size] : Array.Empty<string>()])
            .MustSucceed();
        File.Copy(made, Path.Combine(ours.Folder, name), overwrite: true);
    }

    /// <summary>Does something of the test's own in the folder of each.</summary>
    public void InFolders(string what, Action<string> act)
    {
        script.Add(what);
        act(reference.Folder);
        act(ours.Folder);
    }

    /// <summary>Changes the same image of both, while nothing has it open.</summary>
    public void ChangeImage(string name, Action<string> change)
    {
        script.Add($"change {name}");
        change(Path.Combine(reference.Folder, name));
        change(Path.Combine(ours.Folder, name));
    }

    /// <summary>An image and a node over it; <paramref name="options"/> as further members.</summary>
    public void Node(string name, string format = "qcow2", string size = "64M", string options = "")
    {
        Image($"{name}.img", format, size);
        Add(name, format, options);
    }

    /// <summary>A node over the image of that name.</summary>
    public void Add(string name, string format = "qcow2", string options = "") =>
        _ = Do(
            "blockdev-add",
            $"{{'driver':'{format}','node-name':'{name}','file':{{'driver':'file','filename':'{name}.img'}}{options}}}"
        );

    /// <summary>Runs a command in both and compares; returns what both replied.</summary>
    public JsonObject Do(string command, string arguments = "{}") =>
        Line($"{{'execute':'{command}','arguments':{arguments.ReplaceLineEndings("")}}}");

    /// <summary>Reopens with options in which NAME stands for the generated name that each has given to its only node of that driver.</summary>
    public void ReopenGenerated(string driver, string options)
    {
        script.Add($"reopen {options}");
        Compare("replies", Ask(reference), Ask(ours));

        string Ask(RealQemu daemon)
        {
            var nodes = daemon.Execute("query-named-block-nodes", "{\"flat\":true}").EnumerateArray();
            var name = nodes.Single(n => n.GetProperty("drv").GetString() == driver).GetProperty("node-name").GetString();
            var reply = daemon.AskLine(
                $"{{'execute':'blockdev-reopen','arguments':{{'options':[{options.Replace("NAME", name, StringComparison.Ordinal)}]}}}}"
            );
            return $"{WireText.Normalise(reply, daemon.Folder)}";
        }
    }

    /// <summary>Runs a command in both with descriptors passed beside it, and compares.</summary>
    public JsonObject DoWith(string command, string arguments, params int[] descriptors)
    {
        var line = $"{{'execute':'{command}','arguments':{arguments}}}";
        script.Add($"{line} with {descriptors.Length} descriptors");
        return AskBoth(line, descriptors);
    }

    /// <summary>By how many the descriptors that both have open grew while <paramref name="act"/> ran.</summary>
    public (int Reference, int Ours) DescriptorsKept(Action act)
    {
        var before = (reference.OpenDescriptors, ours.OpenDescriptors);
        act();
        return (reference.OpenDescriptors - before.Item1, ours.OpenDescriptors - before.Item2);
    }

    /// <summary>Sends a line as it is to both and compares the replies.</summary>
    public JsonObject Line(string line)
    {
        script.Add(line);
        return AskBoth(line);
    }

    /// <summary>Several bitmap and job actions as one transaction.</summary>
    public JsonObject Transaction(params string[] actions) => Do("transaction", $"{{'actions':[{string.Join(',', actions)}]}}");

    /// <summary>Exports a node writable under its own name in both.</summary>
    public void Export(string node, params string[] bitmaps)
    {
        script.Add($"export {node} {string.Join(' ', bitmaps)}");
        reference.Export(node, bitmaps);
        ours.Export(node, bitmaps);
    }

    /// <summary>Ends the export of a node in both.</summary>
    public void Unexport(string node)
    {
        script.Add($"unexport {node}");
        reference.Unexport(node);
        ours.Unexport(node);
    }

    /// <summary>Guest requests through the export of that name.</summary>
    public void Io(string export, params string[] commands)
    {
        script.AddRange(commands.Select(command => $"{export}: {command}"));
        reference.QemuIo(export, commands);
        ours.QemuIo(export, commands);
    }

    /// <summary>Guest requests through the export of that name, which may fail, in the same way for both.</summary>
    public void TryIo(string export, params string[] commands)
    {
        script.AddRange(commands.Select(command => $"{export}: {command}"));
        Compare("requests", reference.TryQemuIo(export, commands), ours.TryQemuIo(export, commands));
    }

    /// <summary>The node that an export uses now.</summary>
    public string ExportedNode(string id) =>
        (Query("query-block-exports") as JsonArray ?? [])
            .Where(export => (string?)export!["id"] == id)
            .Select(static export => (string)export!["node-name"]!) // every export has one
            .Single();

    /// <summary>The node that another's data is read from, behind <paramref name="filter"/> if that is between.</summary>
    public string ChildOf(string node, string? filter)
    {
        var found = Child(reference);
        Compare($"what is below {node}", found, Child(ours));
        return found == filter ? ChildOf(found, filter: null) : found;

        string Child(RealQemu daemon)
        {
            var graph = daemon.Execute("x-debug-query-block-graph");
            var names = graph
                .GetProperty("nodes")
                .EnumerateArray()
                .ToDictionary(static n => n.GetProperty("id").GetInt64(), static n => n.GetProperty("name").GetString());
            return graph
                    .GetProperty("edges")
                    .EnumerateArray()
                    .Where(e => e.GetProperty("name").GetString() == "file" && names[e.GetProperty("parent").GetInt64()] == node)
                    .Select(e => names[e.GetProperty("child").GetInt64()])
                    .Single()
                ?? "";
        }
    }

    /// <summary>All that queries tell of nodes, bitmaps with their bits, jobs and exports must agree.</summary>
    public void CompareState()
    {
        script.Add("compare state");
        foreach (var node in (Query("query-named-block-nodes", "{'flat':true}") as JsonArray ?? []).OfType<JsonObject>())
        {
            var bitmaps = node["dirty-bitmaps"]?.AsArray().Select(static bitmap => (string?)bitmap?["name"]) ?? [];
            foreach (var bitmap in bitmaps.OfType<string>())
            {
                var arguments = new JsonObject { ["node"] = (string?)node["node-name"], ["name"] = bitmap };
                _ = Query("x-debug-block-dirty-bitmap-sha256", arguments.ToJsonString());
            }
        }
        _ = Query("query-jobs");
        _ = Query("query-block-jobs");
        _ = Query("query-block-exports");
    }

    /// <summary>The bitmaps that there are now.</summary>
    public IReadOnlyList<(string Node, string Name)> Bitmaps() =>
        [
            .. (Query("query-named-block-nodes", "{'flat':true}") as JsonArray ?? [])
                .OfType<JsonObject>()
                .SelectMany(static node =>
                    (node["dirty-bitmaps"] as JsonArray ?? []).Select(bitmap =>
                        ((string)node["node-name"]!, (string)bitmap!["name"]!) // both always have a name
                    )
                ),
        ];

    /// <summary>The events of both must agree, in order for each job and each export; those members of theirs that may differ do not count.</summary>
    public void CompareEvents(params string[] exceptFor) =>
        Compare("events", WireText.Events(reference, exceptFor), WireText.Events(ours, exceptFor));

    /// <summary>Ends both in good order, and starts them anew over what their folders hold.</summary>
    public void Restart()
    {
        script.Add("restart");
        seen.Clear();
        (reference, ours) = (reference.Restart(), ours.Restart());
    }

    /// <summary>Ends both in good order.</summary>
    public void Quit()
    {
        script.Add("quit");
        Compare("exit codes", $"{reference.Quit()}", $"{ours.Quit()}");
    }

    /// <summary>Runs a foreign program on a file of each; what it prints must agree.</summary>
    public void Judge(string program, params string[] arguments)
    {
        script.Add($"{program} {string.Join(' ', arguments)}");
        Compare(program, Run(reference), Run(ours));

        string Run(RealQemu daemon)
        {
            var run = ProgramRun.Of(
                program,
                [.. arguments.Select(text => text.Replace("DIR", daemon.Folder, StringComparison.Ordinal))]
            );
            var lines = run.Output.Split('\n').Where(static line => !line.Contains("actual-size", StringComparison.Ordinal));
            return $"{run.ExitCode} {string.Join('\n', lines)}{run.Errors}".Replace(
                daemon.Folder,
                "DIR",
                StringComparison.Ordinal
            );
        }
    }

    /// <summary>The image of that name must hold the same for both, read with all that lies behind it.</summary>
    public void CompareContent(string name)
    {
        script.Add($"compare the content of {name}");
        var run = ProgramRun.Of("qemu-img", ["compare", Path.Combine(reference.Folder, name), Path.Combine(ours.Folder, name)]);
        if (run.ExitCode != 0)
        {
            Fail($"contents of {name}", run.Output + run.Errors);
        }
    }

    /// <summary>The first bytes of the file of that name must be the same for both.</summary>
    public void CompareHead(string name, int length)
    {
        script.Add($"compare the first {length} bytes of {name}");
        var (expected, found) = (Head(reference), Head(ours));
        if (!expected.AsSpan().SequenceEqual(found))
        {
            var at = expected.AsSpan().CommonPrefixLength(found);
            Fail($"heads of {name}", $"at byte {at}: {expected[at]} and {found[at]}");
        }

        byte[] Head(RealQemu daemon)
        {
            var head = new byte[length];
            using var file = File.Open(Path.Combine(daemon.Folder, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            file.ReadExactly(head);
            return head;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        reference.Dispose();
        ours.Dispose();
    }

    private JsonObject AskBoth(string line, params int[] descriptors)
    {
        var (expected, found) = (reference.AskLine(line, descriptors), ours.AskLine(line, descriptors));
        var normal = WireText.Normalise(expected, reference.Folder);
        if (WireText.Difference(normal, WireText.Normalise(found, ours.Folder)) is { } difference)
        {
            Fail($"replies to {line}", $"{difference}\nwhole: {expected}\nours:  {found}");
        }
        return (JsonObject)normal!; // a reply is an object
    }

    private JsonNode? Query(string command, string arguments = "{}") =>
        AskBoth($"{{'execute':'{command}','arguments':{arguments}}}")["return"];

    private void Compare(string what, string expected, string found)
    {
        if (expected != found)
        {
            Fail(what, $"reference: {expected}\nours:      {found}");
        }
    }

    private void Fail(string what, string difference) =>
        Assert.Fail($"{what} differ\n{difference}\nafter:\n  {string.Join("\n  ", script)}");
}
