namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>Backup jobs beside the reference: arguments, events, errors, and what the bitmap holds afterwards. J1 to J8.</summary>
public sealed class BackupScenarioTests
{
    private const string Unwritable =
        "{'driver':'blkdebug','image':{'driver':'file','filename':'t.img'},'inject-error':[{'event':'none','iotype':'write','errno':28,'once':ONCE}]}";
    private const string Unreadable =
        "{'driver':'blkdebug','image':{'driver':'file','filename':'d.img'},'inject-error':[{'event':'none','iotype':'read','errno':5,'sector':4096,'once':true}]}";

    [Theory]
    [InlineData("full")]
    [InlineData("top")]
    [InlineData("none")]
    [InlineData("incremental")]
    [InlineData("bitmap")]
    public void Every_combination_of_sync_bitmap_and_mode_is_taken_or_refused_alike(string sync)
    {
        using var pair = Dirty();
        foreach (var bitmap in (string[])["", ",'bitmap':'b'", ",'bitmap':'none'"])
        {
            foreach (var mode in (string[])["", "on-success", "never", "always", "sometimes"])
            {
                var reply = pair.Do(
                    "blockdev-backup",
                    $"{{'job-id':'j','device':'d','target':'t','sync':'{sync}'{bitmap}{(mode.Length > 0 ? $",'bitmap-mode':'{mode}'" : "")}}}"
                );
                if (reply.ContainsKey("return"))
                {
                    if (sync == "none")
                    {
                        _ = pair.Do("job-cancel", "{'id':'j'}");
                    }
                    pair.WaitJob("j");
                }
                pair.CompareState();
            }
        }
        pair.CompareEvents();
    }

    [Fact]
    public void Wrong_arguments_are_refused_alike()
    {
        using var pair = Dirty();
        pair.Node("small", size: "1M");
        string[] arguments =
        [
            "",
            ",'target':'t'",
            ",'sync':'full'",
            ",'target':'none','sync':'full'",
            ",'target':'d','sync':'full'",
            ",'target':'small','sync':'full'",
            ",'target':'t','sync':'wrong'",
            ",'target':'t','sync':'full','speed':-1",
            ",'target':'t','sync':'full','speed':'x'",
            ",'target':'t','sync':'full','on-source-error':'panic'",
            ",'target':'t','sync':'full','filter-node-name':'t'",
            ",'target':'t','sync':'full','filter-node-name':'1x'",
            ",'target':'t','sync':'full','x-perf':{'max-workers':0}",
            ",'target':'t','sync':'full','x-perf':{'max-chunk':1}",
            ",'target':'t','sync':'full','x-perf':{'max-chunk':-1}",
            ",'target':'t','sync':'full','x-perf':{'max-workers':-1}",
            ",'target':'t','sync':'full','extra':1",
        ];
        foreach (var more in arguments)
        {
            _ = pair.Do("blockdev-backup", $"{{'job-id':'j','device':'d'{more}}}");
        }
        _ = pair.Do("blockdev-backup", "{'job-id':'j','device':'none','target':'t','sync':'full'}");
        _ = pair.Do("blockdev-backup", "{'job-id':'1j','device':'d','target':'t','sync':'full'}");
        _ = pair.Do("blockdev-backup", "{'device':'d','target':'t','sync':'full'}");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Theory]
    [InlineData("on-success")]
    [InlineData("never")]
    [InlineData("always")]
    public void A_failing_target_leaves_the_same_bits_in_the_bitmap(string mode)
    {
        using var pair = Dirty(Unwritable.Replace("ONCE", "false", StringComparison.Ordinal));
        _ = pair.Do(
            "blockdev-backup",
            $"{{'job-id':'j','device':'d','target':'t','sync':'bitmap','bitmap':'b','bitmap-mode':'{mode}','x-perf':{{'max-workers':1}}}}"
        );
        pair.WaitJob("j");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Fact]
    public void A_source_that_cannot_be_read_fails_the_increment_and_a_repetition_succeeds()
    {
        using var pair = new DaemonPair();
        pair.Image("d.img", "raw");
        pair.Node("t", "raw");
        _ = pair.Do("blockdev-add", $"{{'driver':'raw','node-name':'d','file':{Unreadable}}}");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'b'}");
        pair.Export("d");
        pair.Io("d", "write 2M 64k");
        for (var round = 0; round < 2; round++)
        {
            _ = pair.Do("blockdev-backup", "{'job-id':'j','device':'d','target':'t','sync':'incremental','bitmap':'b'}");
            pair.WaitJob("j");
            pair.CompareState();
        }
        pair.CompareEvents();
    }

    [Theory]
    [InlineData("report")]
    [InlineData("enospc")]
    [InlineData("stop")]
    [InlineData("auto")]
    [InlineData("ignore")]
    public void A_fault_that_passes_is_handled_by_policy_alike(string policy)
    {
        using var pair = Dirty(Unwritable.Replace("ONCE", "true", StringComparison.Ordinal));
        _ = pair.Do(
            "blockdev-backup",
            $"{{'job-id':'j','device':'d','target':'t','sync':'incremental','bitmap':'b','on-target-error':'{policy}','x-perf':{{'max-workers':1}}}}"
        );
        if (policy is "enospc" or "stop" or "auto")
        {
            pair.WaitJob("j", "paused");
            pair.WaitJob("j", "paused");
            _ = pair.Do("query-block-jobs");
            _ = pair.Do("block-job-resume", "{'device':'j'}");
        }
        pair.WaitJob("j");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Fact]
    public void Grouped_jobs_fall_together()
    {
        using var pair = Dirty(Unwritable.Replace("ONCE", "true", StringComparison.Ordinal));
        pair.Node("e");
        pair.Node("u");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'e','name':'b'}");
        pair.Export("e");
        pair.Io("e", "write 0 1M");
        for (var round = 0; round < 2; round++)
        {
            _ = pair.Do(
                "transaction",
                """
                {'actions':[
                {'type':'blockdev-backup','data':{'job-id':'j','device':'d','target':'t','sync':'incremental','bitmap':'b'}},
                {'type':'blockdev-backup','data':{'job-id':'k','device':'e','target':'u','sync':'incremental','bitmap':'b'}}],
                'properties':{'completion-mode':'grouped'}}
                """
            );
            pair.WaitJob("j");
            pair.WaitJob("k");
            pair.CompareState();
        }
    }

    [Fact]
    public void A_busy_bitmap_and_a_blocked_node_refuse_alike()
    {
        using var pair = Dirty();
        pair.Node("u");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'free'}");
        Manual(pair);
        foreach (var verb in (string[])["remove", "clear", "enable", "disable"])
        {
            _ = pair.Do($"block-dirty-bitmap-{verb}", "{'node':'d','name':'b'}");
            if (verb != "enable")
            {
                _ = pair.Transaction($"{{'type':'block-dirty-bitmap-{verb}','data':{{'node':'d','name':'b'}}}}");
            }
        }
        _ = pair.Do("block-dirty-bitmap-merge", "{'node':'d','target':'b','bitmaps':['free']}");
        _ = pair.Do("block-dirty-bitmap-merge", "{'node':'d','target':'free','bitmaps':['b']}");
        _ = pair.Do("blockdev-backup", "{'job-id':'k','device':'d','target':'u','sync':'incremental','bitmap':'b'}");
        _ = pair.Do("blockdev-backup", "{'job-id':'j','device':'d','target':'u','sync':'full'}");
        _ = pair.Do("block-export-add", "{'id':'e','type':'nbd','node-name':'d','name':'e','bitmaps':['b']}");
        _ = pair.Do("blockdev-del", "{'node-name':'t'}");
        _ = pair.Do("blockdev-del", "{'node-name':'d'}");
        _ = pair.Do("block_resize", "{'node-name':'d','size':1048576}");
        _ = pair.Do(
            "blockdev-reopen",
            "{'options':[{'driver':'qcow2','node-name':'d','read-only':true,'file':{'driver':'file','filename':'d.img'}}]}"
        );
        pair.CompareState();
        _ = pair.Do("job-cancel", "{'id':'j'}");
        pair.WaitJob("j", "concluded");
        _ = pair.Do("job-dismiss", "{'id':'j'}");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Fact]
    public void Verbs_on_a_job_by_hand_answer_alike_in_every_state()
    {
        using var pair = Dirty();
        Manual(pair);
        pair.WaitJob("j", "pending");
        Verbs(pair);
        pair.CompareState();
        _ = pair.Do("job-finalize", "{'id':'j'}");
        pair.WaitJob("j", "concluded");
        Verbs(pair);
        pair.CompareState();
        _ = pair.Do("block-job-dismiss", "{'id':'j'}");
        Verbs(pair);
        pair.CompareState();
        pair.CompareEvents();
    }

    [Fact]
    public void A_slow_job_is_paused_resumed_hastened_and_cancelled_alike()
    {
        using var pair = Dirty();
        pair.Export("d");
        pair.Io("d", "write 0 16M");
        _ = pair.Do(
            "blockdev-backup",
            "{'job-id':'j','device':'d','target':'t','sync':'incremental','bitmap':'b','speed':65536}"
        );
        foreach (var speed in (string[])["-1", "9223372036854775808", "'x'", "65536"])
        {
            _ = pair.Do("block-job-set-speed", $"{{'device':'j','speed':{speed}}}");
        }
        _ = pair.Do("block-job-pause", "{'device':'j'}");
        pair.WaitJob("j", "paused");
        pair.WaitJob("j", "paused");
        _ = pair.Do("block-job-pause", "{'device':'j'}");
        _ = pair.Do("job-pause", "{'id':'j'}");
        _ = pair.Do("block-job-cancel", "{'device':'j'}");
        _ = pair.Do("job-complete", "{'id':'j'}");
        _ = pair.Do("job-resume", "{'id':'j'}");
        pair.WaitJob("j", "running");
        _ = pair.Do("block-job-resume", "{'device':'j'}");
        pair.Io("d", "write 20M 64k");
        _ = pair.Do("block-job-cancel", "{'device':'j'}");
        pair.WaitJob("j");
        pair.CompareState();
    }

    [Fact]
    public void Jobs_that_are_not_there_are_refused_alike()
    {
        using var pair = new DaemonPair();
        Verbs(pair);
        foreach (var command in (string[])["job-cancel", "block-job-cancel", "block-job-set-speed", "job-dismiss"])
        {
            _ = pair.Do(command);
            _ = pair.Do(command, "{'id':7,'device':7}");
        }
    }

    private static void Manual(DaemonPair pair) =>
        _ = pair.Do(
            "blockdev-backup",
            "{'job-id':'j','device':'d','target':'t','sync':'incremental','bitmap':'b','auto-finalize':false,'auto-dismiss':false}"
        );

    private static void Verbs(DaemonPair pair)
    {
        foreach (var verb in (string[])["pause", "resume", "complete"])
        {
            _ = pair.Do($"job-{verb}", "{'id':'j'}");
            _ = pair.Do($"block-job-{verb}", "{'device':'j'}");
        }
        _ = pair.Do("job-dismiss", "{'id':'none'}");
        _ = pair.Do("block-job-dismiss", "{'id':'none'}");
        _ = pair.Do("block-job-finalize", "{'id':'none'}");
        _ = pair.Do("block-job-set-speed", "{'device':'j','speed':1}");
    }

    private static DaemonPair Dirty(string target = "{'driver':'file','filename':'t.img'}")
    {
        var pair = new DaemonPair();
        pair.Node("d");
        pair.Image("t.img", target.Contains("blkdebug", StringComparison.Ordinal) ? "raw" : "qcow2");
        var format = target.Contains("blkdebug", StringComparison.Ordinal) ? "raw" : "qcow2";
        _ = pair.Do("blockdev-add", $"{{'driver':'{format}','node-name':'t','file':{target}}}");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'b'}");
        pair.Export("d");
        pair.Io("d", "write 0 3M", "write 9M 64k");
        pair.Unexport("d");
        return pair;
    }

    [Fact]
    public void Compressed_backups_pack_empty_targets_and_fail_on_full_ones()
    {
        using var pair = new DaemonPair();
        pair.Node("d", size: "8M");
        pair.Node("t", size: "8M");
        pair.Node("r", "raw", "8M");
        pair.Export("d");
        pair.Io("d", "write -P 1 0 1M", "write -P 2 4M 200k");
        _ = pair.Do("blockdev-backup", "{'job-id':'j','device':'d','target':'r','sync':'full','compress':true}");
        for (var i = 0; i < 2; i++)
        {
            _ = pair.Do("blockdev-backup", "{'job-id':'j','device':'d','target':'t','sync':'full','compress':true}");
            pair.WaitJob("j");
        }
        pair.Unexport("d");
        pair.CompareEvents();
        pair.CompareState();
    }
}
