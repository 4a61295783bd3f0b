namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>Mirror jobs beside the reference: what is copied, how far a job says it is, how it ends, and who uses what afterwards.</summary>
public sealed class MirrorScenarioTests
{
    [Theory]
    [InlineData("full", "background")]
    [InlineData("full", "write-blocking")]
    [InlineData("top", "background")]
    [InlineData("top", "write-blocking")]
    [InlineData("none", "background")]
    [InlineData("none", "write-blocking")]
    public void A_mirror_is_followed_and_completed_alike(string sync, string mode)
    {
        using var pair = Chain();
        foreach (var discard in (string[])["ignore", "unmap"])
        {
            var target = $"t{discard}";
            pair.Node(target, options: $",'discard':'{discard}'");
            _ = pair.Do(
                "blockdev-mirror",
                $"{{'job-id':'j','device':'d','target':'{target}','sync':'{sync}','copy-mode':'{mode}','filter-node-name':'f'}}"
            );
            pair.WaitJob("j", "ready");
            pair.CompareState();
            pair.Io("d", "write -P 3 10M 1M", "write -z 11M 1M", "write -P 4 13M 1000");
            pair.Settle("j");
            pair.CompareState();
            _ = pair.Do("block-job-cancel", "{'device':'j'}");
            pair.WaitJob("j");
            pair.CompareState();
            pair.Judge("qemu-img", "compare", "-U", "DIR/d.img", $"DIR/{target}.img");
        }
        _ = pair.Do("blockdev-mirror", $"{{'job-id':'j','device':'d','target':'tunmap','sync':'{sync}','copy-mode':'{mode}'}}");
        pair.WaitJob("j", "ready");
        pair.Io("d", "write -P 5 20M 1M");
        _ = pair.Do("block-job-complete", "{'device':'j'}");
        pair.WaitJob("j");
        pair.Io("d", "write -P 6 30M 1M");
        pair.CompareState();
        pair.CompareEvents();
        pair.Quit();
        pair.Judge("qemu-img", "map", "DIR/d.img");
        pair.Judge("qemu-img", "check", "-q", "DIR/tunmap.img");
        pair.Judge("qemu-img", "compare", "DIR/d.img", "DIR/tunmap.img");
    }

    [Fact]
    public void Wrong_arguments_are_refused_alike()
    {
        using var pair = Simple();
        pair.Node("small", size: "1M");
        pair.Node("u");
        string[] arguments =
        [
            "",
            ",'sync':'full'",
            ",'target':'t'",
            ",'target':'none','sync':'full'",
            ",'target':'d','sync':'full'",
            ",'target':'t','sync':'wrong'",
            ",'target':'t','sync':'incremental'",
            ",'target':'t','sync':'bitmap'",
            ",'target':'d','sync':'bitmap'",
            ",'target':'t','sync':'full','granularity':511",
            ",'target':'t','sync':'full','granularity':513",
            ",'target':'t','sync':'full','granularity':67108865",
            ",'target':'t','sync':'full','granularity':134217728",
            ",'target':'t','sync':'full','granularity':-1",
            ",'target':'t','sync':'full','granularity':4294967296",
            ",'target':'t','sync':'bitmap','granularity':3,'replaces':'none'",
            ",'target':'t','sync':'bitmap','replaces':'none'",
            ",'target':'t','sync':'full','buf-size':-1",
            ",'target':'t','sync':'full','speed':-1",
            ",'target':'t','sync':'full','copy-mode':'wrong'",
            ",'target':'t','sync':'full','filter-node-name':'t'",
            ",'target':'t','sync':'full','filter-node-name':'1x'",
            ",'target':'t','sync':'full','filter-node-name':''",
            ",'target':'t','sync':'full','replaces':'none'",
            ",'target':'t','sync':'full','replaces':'u'",
            ",'target':'t','sync':'full','replaces':'t'",
            ",'target':'t','sync':'full','replaces':''",
            ",'target':'t','sync':'full','on-source-error':'panic'",
            ",'target':'t','sync':'full','extra':1",
            ",'target':'t','sync':'full','unmap':true",
        ];
        foreach (var more in arguments)
        {
            _ = pair.Do("blockdev-mirror", $"{{'job-id':'j','device':'d'{more}}}");
        }
        _ = pair.Do("blockdev-mirror", "{'job-id':'j','device':'none','target':'t','sync':'full'}");
        _ = pair.Do("blockdev-mirror", "{'job-id':'1j','device':'d','target':'t','sync':'full'}");
        _ = pair.Do("blockdev-mirror", "{'job-id':'1j','device':'d','target':'t','sync':'full','filter-node-name':'t'}");
        _ = pair.Do("blockdev-mirror", "{'device':'d','target':'t','sync':'full'}");
        _ = pair.Do("blockdev-mirror", "{'job-id':'j','device':'d','target':'small','sync':'full'}");
        pair.WaitJob("j");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("512")]
    [InlineData("1048576")]
    [InlineData("67108864")]
    public void Any_granularity_gives_the_same_length(string granularity)
    {
        using var pair = Simple();
        _ = pair.Do("blockdev-mirror", $"{{'job-id':'j','device':'d','target':'t','sync':'full','granularity':{granularity}}}");
        pair.WaitJob("j", "ready");
        pair.Io("d", "write 10M 512", "write 12000000 1000");
        pair.Settle("j");
        _ = pair.Do("job-complete", "{'id':'j'}");
        pair.WaitJob("j");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Fact]
    public void Nodes_of_a_mirror_are_kept_from_others_alike()
    {
        using var pair = Simple();
        pair.Node("u");
        pair.Node("o");
        pair.Image("ov.img", size: "64M");
        _ = pair.Do(
            "blockdev-add",
            "{'driver':'qcow2','node-name':'ov','backing':'o','file':{'driver':'file','filename':'ov.img'}}"
        );
        _ = pair.Do("blockdev-mirror", "{'job-id':'k','device':'u','target':'o','sync':'full'}");
        _ = pair.Do("blockdev-mirror", "{'job-id':'k','device':'o','target':'u','sync':'full'}");
        _ = pair.Do("blockdev-mirror", "{'job-id':'j','device':'d','target':'t','sync':'full','filter-node-name':'f'}");
        pair.WaitJob("j", "ready");
        foreach (
            var (source, target) in (ReadOnlySpan<(string, string)>)
                [("d", "u"), ("u", "d"), ("t", "u"), ("u", "t"), ("f", "u"), ("u", "f")]
        )
        {
            _ = pair.Do("blockdev-mirror", $"{{'job-id':'k','device':'{source}','target':'{target}','sync':'full'}}");
            _ = pair.Do("blockdev-backup", $"{{'job-id':'k','device':'{source}','target':'{target}','sync':'full'}}");
        }
        foreach (var node in (string[])["d", "t", "f"])
        {
            _ = pair.Do("blockdev-del", $"{{'node-name':'{node}'}}");
            _ = pair.Do("block-dirty-bitmap-add", $"{{'node':'{node}','name':'b'}}");
            _ = pair.Do(
                "block-export-add",
                $"{{'type':'nbd','id':'x{node}','node-name':'{node}','name':'x{node}','writable':true}}"
            );
            _ = pair.Do("block-export-del", $"{{'id':'x{node}'}}");
        }
        _ = pair.Do(
            "blockdev-reopen",
            "{'options':[{'driver':'qcow2','node-name':'t','read-only':true,'file':{'driver':'file','filename':'t.img'}}]}"
        );
        pair.CompareState();
        _ = pair.Do("block-job-cancel", "{'device':'j','force':true}");
        pair.WaitJob("j");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Fact]
    public void Verbs_answer_alike_in_every_state()
    {
        using var pair = Simple();
        Start(pair, "d", "t", ",'speed':1000");
        Verbs(pair);
        _ = pair.Do("block-job-set-speed", "{'device':'j','speed':0}");
        pair.WaitJob("j", "ready");
        _ = pair.Do("job-pause", "{'id':'j'}");
        pair.WaitJob("j", "standby");
        _ = pair.Do("job-pause", "{'id':'j'}");
        _ = pair.Do("block-job-cancel", "{'device':'j'}");
        _ = pair.Do("job-dismiss", "{'id':'j'}");
        _ = pair.Do("job-finalize", "{'id':'j'}");
        pair.Io("d", "write 1M 1M");
        _ = pair.Do("query-block-jobs");
        _ = pair.Do("block-job-complete", "{'device':'j'}");
        _ = pair.Do("job-complete", "{'id':'j'}");
        _ = pair.Do("job-resume", "{'id':'j'}");
        pair.WaitJob("j");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Theory]
    [InlineData("job-complete", "{'id':'j'}", "job-finalize", "{'id':'j'}")]
    [InlineData("job-complete", "{'id':'j'}", "block-job-cancel", "{'device':'j'}")]
    [InlineData("job-complete", "{'id':'j'}", "job-cancel", "{'id':'j'}")]
    [InlineData("block-job-cancel", "{'device':'j'}", "job-finalize", "{'id':'j'}")]
    [InlineData("block-job-cancel", "{'device':'j'}", "job-cancel", "{'id':'j'}")]
    public void A_job_that_is_ended_by_hand_waits_and_answers_alike(string first, string names, string last, string lastNames)
    {
        using var pair = Simple();
        Start(pair, "d", "t", ",'auto-finalize':false,'auto-dismiss':false");
        pair.WaitJob("j", "ready");
        _ = pair.Do(first, names);
        pair.WaitJob("j", "pending");
        Verbs(pair);
        pair.CompareState();
        _ = pair.Do(last, lastNames);
        pair.WaitJob("j", "concluded");
        Verbs(pair);
        pair.CompareState();
        _ = pair.Do("job-dismiss", "{'id':'j'}");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Theory]
    [InlineData("running", "block-job-cancel", "{'device':'j'}")]
    [InlineData("running", "job-cancel", "{'id':'j'}")]
    [InlineData("paused", "block-job-cancel", "{'device':'j','force':true}")]
    [InlineData("paused", "job-cancel", "{'id':'j'}")]
    [InlineData("ready", "block-job-cancel", "{'device':'j'}")]
    [InlineData("ready", "block-job-cancel", "{'device':'j','force':true}")]
    [InlineData("ready", "job-cancel", "{'id':'j'}")]
    [InlineData("standby", "block-job-cancel", "{'device':'j','force':true}")]
    [InlineData("standby", "job-cancel", "{'id':'j'}")]
    public void A_cancel_does_the_same_in_every_state(string state, string command, string names)
    {
        using var pair = Simple();
        var isEarly = state is "running" or "paused";
        Start(pair, "d", "t", isEarly ? ",'speed':1000" : "");
        if (!isEarly)
        {
            pair.WaitJob("j", "ready");
        }
        if (state is "paused" or "standby")
        {
            _ = pair.Do("job-pause", "{'id':'j'}");
            pair.WaitJob("j", state);
        }
        _ = pair.Do(command, names);
        pair.WaitJob("j");
        pair.CompareState();
        if (!isEarly)
        {
            pair.CompareEvents();
        }
    }

    [Fact]
    public void The_target_takes_the_place_of_the_node_that_it_is_said_to_replace()
    {
        using var pair = new DaemonPair();
        pair.Node("x", "raw");
        pair.Node("y", "raw");
        _ = pair.Do("blockdev-add", "{'driver':'blkdebug','node-name':'b','image':'x'}");
        pair.Export("b");
        pair.Io("b", "write -P 1 0 1M");
        Start(pair, "b", "y", ",'replaces':'x'");
        pair.WaitJob("j", "ready");
        _ = pair.Do("job-complete", "{'id':'j'}");
        pair.WaitJob("j");
        pair.Io("b", "read -P 1 0 1M", "write -P 2 1M 1M");
        pair.CompareState();
        pair.CompareEvents();
        pair.Judge("qemu-img", "compare", "-U", "-f", "raw", "-F", "raw", "DIR/x.img", "DIR/y.img");
    }

    [Fact]
    public void A_read_only_disk_is_mirrored_and_replaced_by_a_read_only_one()
    {
        using var pair = new DaemonPair();
        pair.Node("d", options: ",'read-only':true");
        pair.Node("t");
        pair.Node("r", options: ",'read-only':true");
        Start(pair, "t", "r", "");
        Start(pair, "d", "t", "");
        pair.WaitJob("j", "ready");
        pair.CompareState();
        _ = pair.Do("job-complete", "{'id':'j'}");
        pair.WaitJob("j");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Theory]
    [InlineData("1000000")]
    [InlineData("66000000")]
    [InlineData("0")]
    public void A_disk_of_any_size_is_mirrored_alike(string size)
    {
        using var pair = new DaemonPair();
        pair.Node("d", size: size);
        pair.Node("t", size: size);
        pair.Export("d");
        if (size != "0")
        {
            pair.Io("d", "write -P 1 900k 50k");
        }
        Start(pair, "d", "t", "");
        pair.WaitJob("j", "ready");
        pair.CompareState();
        _ = pair.Do("job-complete", "{'id':'j'}");
        pair.WaitJob("j");
        pair.CompareState();
        pair.CompareEvents();
        pair.Judge("qemu-img", "compare", "-U", "DIR/d.img", "DIR/t.img");
    }

    [Fact]
    public void Ready_jobs_are_given_up_at_the_end()
    {
        using var pair = Simple();
        pair.Node("e");
        pair.Node("u");
        Start(pair, "d", "t", "");
        pair.WaitJob("j", "ready");
        _ = pair.Do("blockdev-mirror", "{'job-id':'k','device':'e','target':'u','sync':'full','auto-finalize':false}");
        pair.WaitJob("k", "ready");
        _ = pair.Do("job-complete", "{'id':'k'}");
        pair.WaitJob("k", "pending");
        pair.Export("e");
        pair.Io("e", "write 0 64k");
        pair.CompareEvents();
        pair.Quit();
    }

    private static void Start(DaemonPair pair, string source, string target, string more) =>
        _ = pair.Do("blockdev-mirror", $"{{'job-id':'j','device':'{source}','target':'{target}','sync':'full'{more}}}");

    private static void Verbs(DaemonPair pair)
    {
        _ = pair.Do("job-complete", "{'id':'j'}");
        _ = pair.Do("job-resume", "{'id':'j'}");
        _ = pair.Do("block-job-resume", "{'device':'j'}");
        _ = pair.Do("block-job-complete", "{'device':'j'}");
        _ = pair.Do("block-job-set-speed", "{'device':'j','speed':-1}");
    }

    private static DaemonPair Simple()
    {
        var pair = new DaemonPair();
        pair.Node("d");
        pair.Node("t");
        pair.Export("d");
        pair.Io("d", "write -P 1 0 3M", "write -P 2 9M 64k");
        return pair;
    }

    private static DaemonPair Chain()
    {
        var pair = new DaemonPair();
        pair.Node("base");
        pair.Export("base");
        pair.Io("base", "write -P 1 0 1M", "write -P 1 20M 64k");
        pair.Unexport("base");
        pair.Image("d.img");
        _ = pair.Do(
            "blockdev-add",
            "{'driver':'qcow2','node-name':'d','backing':'base','file':{'driver':'file','filename':'d.img'}}"
        );
        pair.Export("d");
        pair.Io("d", "write -P 2 512k 1M", "write -P 2 40M 10k");
        return pair;
    }
}
