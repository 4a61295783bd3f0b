namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>
/// A seeded random session over bitmaps, transactions, jobs, nodes and exports, wrong requests among the right ones. Names come
/// from small pools, so that requests meet. What the reference does not live to answer is left out.
/// </summary>
internal sealed class RandomScript(DaemonPair pair, int seed)
{
    private static readonly string[] Nodes = ["d0", "d0", "d0", "d1", "d1", "d1", "raw", "raw", "n0", "none"];
    private static readonly string[] Names = ["a", "b", "c", "e"];
    private static readonly string[] Exports = ["x0", "x1"];
    private static readonly string[] Granularities = ["512", "65536", "1048576", "0", "1000"];
    private static readonly string[] Syncs = ["full", "top", "incremental", "bitmap", "none"];
    private static readonly string[] Modes = ["on-success", "never", "always"];

    private static readonly string[] Links = ["c0", "c1", "c2", "c3"];

    private readonly Random random = new(seed);
    private IReadOnlyList<(string Node, string Name)> present = [];

    /// <summary>Makes the disks and targets.</summary>
    public void Begin()
    {
        foreach (var name in (string[])["d0", "d1", "t0", "t1"])
        {
            pair.Node(name, size: "8M");
        }
        pair.Node("raw", "raw", "8M");
        BeginChain();
        pair.Export("d1");
        pair.Export("raw");
        foreach (var node in (string[])["d0", "d1", "raw"])
        {
            _ = pair.Do("block-dirty-bitmap-add", $"{{'node':'{node}','name':'a'}}");
            _ = pair.Do(
                "block-dirty-bitmap-add",
                $"{{'node':'{node}','name':'b','persistent':{(node == "raw" ? "false" : "true")}}}"
            );
        }
    }

    /// <summary>Runs that many random requests, and compares all there is to see now and then.</summary>
    public void Run(int steps)
    {
        for (var step = 1; step <= steps; step++)
        {
            present = pair.Bitmaps();
            Step();
            if (step % 8 == 0)
            {
                pair.CompareState();
            }
        }
        pair.CompareState();
        // How far a request of a job's goes beyond a threshold is a matter of how large its pieces are.
        pair.CompareEvents("amount-exceeded");
    }

    /// <summary>Ends both daemons and looks at what their images keep.</summary>
    public void Reload()
    {
        pair.Restart();
        pair.Add("d0");
        pair.Add("d1");
        pair.CompareState();
        foreach (var link in Links)
        {
            pair.Judge("qemu-img", "info", "--output=json", $"DIR/{link}.img");
            pair.Judge("qemu-img", "check", "-q", $"DIR/{link}.img");
        }
        pair.CompareContent("c3.img");
    }

    private void BeginChain()
    {
        for (var i = 0; i < Links.Length; i++)
        {
            pair.Image($"c{i}.img", size: "4M", options: i == 0 ? [] : ["-u", "-b", $"c{i - 1}.img", "-F", "qcow2"]);
            pair.WriteImage(
                $"c{i}.img",
                $"write -P {i + 1} {random.Next(3000)}k {random.Next(1, 900)}k",
                $"write -P {i + 11} {random.Next(3000)}k {random.Next(1, 90)}k",
                $"write -z {random.Next(3000)}k {random.Next(1, 900)}k"
            );
            pair.Add(
                $"c{i}",
                options: $",'backing':{(i == 0 ? "null" : $"'c{i - 1}'")},'read-only':{(i < 3 ? "true" : "false")}"
            );
        }
        pair.Export("c3");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'c3','name':'b','persistent':true}");
    }

    private void Step()
    {
        switch (random.Next(26))
        {
            case < 4:
                _ = pair.Do("block-dirty-bitmap-add", AddArguments());
                break;
            case < 8:
                _ = pair.Do($"block-dirty-bitmap-{One("remove", "clear", "enable", "disable")}", Reference());
                break;
            case < 10:
                _ = pair.Do("block-dirty-bitmap-merge", MergeArguments());
                break;
            case < 14:
                Transaction();
                break;
            case < 17:
                Write();
                break;
            case 17 or 18:
                Backup();
                break;
            case 19:
                _ =
                    random.Next(2) == 0
                        ? pair.Do("blockdev-add", "{'driver':'null-co','node-name':'n0','size':8388608}")
                        : pair.Do("blockdev-del", $"{{'node-name':'{One("n0", "none", "d1")}'}}");
                break;
            case 20:
                Export();
                break;
            case 21 or 22:
                Rearrange();
                break;
            case 23:
                pair.Io("c3", $"write -P {random.Next(1, 255)} {random.Next(3000)}k {random.Next(1, 1000)}k");
                break;
            case 24:
                _ = pair.Do(One("x-debug-query-block-graph", "query-named-block-nodes"));
                _ = pair.Do(
                    "block-set-write-threshold",
                    $"{{'node-name':'{One(Links)}','write-threshold':{random.Next(4 << 20)}}}"
                );
                break;
            default:
                Odd();
                break;
        }
    }

    private void Transaction()
    {
        List<string> actions = [];
        var count = random.Next(1, 5);
        for (var i = 0; i < count; i++)
        {
            var (type, data) = random.Next(12) switch
            {
                < 3 => ("block-dirty-bitmap-add", AddArguments()),
                < 5 => ("block-dirty-bitmap-clear", Reference()),
                < 7 => ("block-dirty-bitmap-disable", Reference()),
                < 9 => ("block-dirty-bitmap-merge", MergeArguments()),
                9 => ("block-dirty-bitmap-remove", Reference()),
                10 when random.Next(2) == 0 => ("abort", "{}"),
                10 => ("block-dirty-bitmap-clear", Reference()),
                _ => ("block-dirty-bitmap-enable", present.Count > 0 ? Text(OnePresent()) : ""),
            };
            // Enabling in a transaction what is not there (any more) is the end of the reference.
            if (data.Length > 0 && !(type.EndsWith("enable", StringComparison.Ordinal) && actions.Count > 0))
            {
                actions.Add($"{{'type':'{type}','data':{data}}}");
            }
        }
        if (actions.Count > 0)
        {
            _ = pair.Transaction([.. actions]);
        }
    }

    private void Write()
    {
        var commands = new string[random.Next(1, 4)];
        for (var i = 0; i < commands.Length; i++)
        {
            var (offset, length) = (random.Next(8 << 20), random.Next(1, 300_000));
            length = Math.Min(length, (8 << 20) - offset);
            commands[i] = One($"write -P {random.Next(1, 255)} {offset} {length}", $"write -z {offset} {length}");
        }
        pair.Io(One("d1", "raw"), commands);
    }

    private void Backup()
    {
        var sync = One(Syncs);
        var device = One("d0", "d1", "raw", "n0");
        var own = present.Where(found => found.Node == device).Select(static found => found.Name);
        var bitmap =
            sync is "incremental" or "bitmap" || random.Next(4) == 0 ? $",'bitmap':'{One([.. own, .. own, One(Names)])}'" : "";
        var mode = bitmap.Length > 0 && random.Next(2) == 0 ? $",'bitmap-mode':'{One(Modes)}'" : "";
        var byHand = random.Next(3) == 0;
        var reply = pair.Do(
            "blockdev-backup",
            $"{{'job-id':'j','device':'{device}','target':'{One("t0", "t1")}','sync':'{sync}'{bitmap}{mode}"
                + $"{(byHand ? ",'auto-finalize':false,'auto-dismiss':false" : "")}}}"
        );
        if (!reply.ContainsKey("return"))
        {
            return;
        }
        if (sync == "none")
        {
            _ = pair.Do("job-cancel", "{'id':'j'}");
        }
        else if (byHand)
        {
            pair.WaitJob("j", "pending");
            _ = pair.Do($"block-dirty-bitmap-{One("remove", "clear", "disable")}", Reference());
            _ = pair.Do(One("job-finalize", "job-cancel"), "{'id':'j'}");
        }
        if (byHand)
        {
            pair.WaitJob("j", "concluded");
            _ = pair.Do(One("job-dismiss", "job-finalize"), "{'id':'j'}");
            _ = pair.Do("job-dismiss", "{'id':'j'}");
        }
        pair.WaitJob("j");
    }

    // Streams, and commits of what nobody writes to.
    private void Rearrange()
    {
        var byHand = random.Next(3) == 0;
        var how = byHand ? ",'auto-finalize':false" : "";
        var isStream = random.Next(2) == 0;
        var image = isStream ? One("c3", "c3", "c2", "c1", "none") : One("c0", "c1", "c2");
        // An image whose header leads back to itself can't be looked at afterwards, by nobody.
        var named = Links[random.Next(Math.Max(1, Array.IndexOf(Links, image)))];
        var ends = One(
            "",
            $",'base-node':'{One(Links)}'",
            $",'base':'{One(Links)}.img'",
            $",'base':'{One(Links)}.img','backing-file':'{named}.img'"
        );
        var reply = isStream
            ? pair.Do("block-stream", $"{{'job-id':'s','device':'{image}'{ends}{how}}}")
            : pair.Do("block-commit", $"{{'job-id':'s','device':'c3','top-node':'{image}'{ends}{how}}}");
        if (!reply.ContainsKey("return"))
        {
            return;
        }
        if (byHand)
        {
            pair.WaitJob("s", "pending");
            pair.CompareState();
            pair.Io("c3", $"write -P {random.Next(1, 255)} {random.Next(3000)}k {random.Next(1, 1000)}k");
            _ = pair.Do(
                One("block-stream", "block-commit"),
                $"{{'job-id':'t','device':'c3','base':'{One(Links)}.img','speed':-1}}"
            );
            _ = pair.Do(One("job-finalize", "job-finalize", "job-cancel"), "{'id':'s'}");
        }
        pair.WaitJob("s");
    }

    private void Export()
    {
        var id = One(Exports);
        if (random.Next(2) == 0)
        {
            _ = pair.Do("block-export-del", $"{{'id':'{id}','mode':'{One("safe", "hard")}'}}");
            return;
        }
        var bitmaps = random.Next(2) == 0 ? $",'bitmaps':['{One(Names)}']" : "";
        _ = pair.Do(
            "block-export-add",
            $"{{'id':'{id}','type':'nbd','name':'{id}','node-name':'{One(Nodes)}','writable':{One("true", "false")}{bitmaps}}}"
        );
    }

    private void Odd() =>
        _ = random.Next(5) switch
        {
            0 => pair.Do("block_resize", $"{{'node-name':'{One(Nodes)}','size':{One("8388608", "-1", "'x'", "1e3")}}}"),
            1 => pair.Do(One("job-pause", "job-resume", "job-complete", "job-finalize", "job-dismiss"), "{'id':'j'}"),
            2 => pair.Do(One("block-job-pause", "block-job-cancel", "block-job-resume"), "{'device':'j'}"),
            3 => pair.Do("x-debug-block-dirty-bitmap-sha256", Reference()),
            _ => pair.Do(
                One("query-nothing", "block-dirty-bitmap-add", "transaction", "blockdev-backup"),
                One("{}", "{'node':7}")
            ),
        };

    private string AddArguments()
    {
        var granularity = random.Next(2) == 0 ? $",'granularity':{One(Granularities)}" : "";
        var flags = One(
            "",
            ",'persistent':true",
            ",'disabled':true",
            ",'persistent':true,'disabled':true",
            ",'persistent':false"
        );
        return $"{{'node':'{One(Nodes)}','name':'{One(Names)}'{granularity}{flags}}}";
    }

    private string MergeArguments()
    {
        var (node, target) = random.Next(4) > 0 && present.Count > 0 ? OnePresent() : (One(Nodes), One(Names));
        var own = present.Where(found => found.Node == node).Select(static found => found.Name).ToArray();
        var sources = Enumerable
            .Range(0, random.Next(1, 4))
            .Select(_ => random.Next(3) == 0 ? Reference() : $"'{One([.. own, .. own, .. own, One(Names)])}'")
            .ToArray();
        return $"{{'node':'{node}','target':'{target}','bitmaps':[{string.Join(',', sources)}]}}";
    }

    // Mostly a bitmap that is there.
    private string Reference() => Text(random.Next(4) > 0 && present.Count > 0 ? OnePresent() : (One(Nodes), One(Names)));

    private (string Node, string Name) OnePresent() => present[random.Next(present.Count)];

    private static string Text((string Node, string Name) bitmap) => $"{{'node':'{bitmap.Node}','name':'{bitmap.Name}'}}";

    private string One(params string[] choices) => choices[random.Next(choices.Length)];
}
