namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>block-stream beside the reference: which images go, what names and headers say afterwards, and what stands in the way meanwhile.</summary>
public sealed class StreamScenarioTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Every_pair_of_node_and_base_streams_alike(int length)
    {
        for (var top = 0; top < length; top++)
        {
            for (var last = -1; last < top; last++)
            {
                using var pair = new DaemonPair().Chain(length);
                var ends =
                    last < 0 ? ""
                    : (last + top) % 3 == 0 ? $",'base-node':'n{last}'"
                    : (last + top) % 3 == 1 ? $",'base':'{last}.img'"
                    : $",'bottom':'n{last + 1}'";
                _ = pair.Do("block-stream", $"{{'job-id':'j','device':'n{top}'{ends}}}");
                pair.EndChain(length);
            }
        }
    }

    [Theory]
    [InlineData("0.img")]
    [InlineData("1.img")]
    [InlineData("2.img")]
    public void A_base_goes_by_the_name_of_the_image_that_is_there_not_by_that_in_a_header(string name)
    {
        using var pair = new DaemonPair().Chain(4);
        _ = pair.Do("block-stream", "{'job-id':'j','device':'n3','base':'1.img','backing-file':'0.img'}");
        pair.WaitJob("j");
        if (pair.Do("block-stream", $"{{'job-id':'k','device':'n3','base':'{name}'}}").ContainsKey("return"))
        {
            pair.WaitJob("k");
        }
        pair.CompareState();
    }

    [Fact]
    public void The_name_of_an_image_above_does_not_tell_of_the_filter_of_a_job_below()
    {
        using var pair = new DaemonPair().Chain(4);
        // Its header names another than it has, so that its own name spells out what is below.
        _ = pair.Do("block-stream", "{'job-id':'j','device':'n3','base':'1.img','backing-file':'0.img'}");
        pair.WaitJob("j");
        _ = pair.Do("block-stream", "{'job-id':'k','device':'n1','auto-finalize':false}");
        pair.WaitJob("k", "pending");
        pair.CompareState();
        _ = pair.Do("job-finalize", "{'id':'k'}");
        pair.WaitJob("k");
        pair.CompareState();
    }

    [Theory]
    [InlineData("")]
    [InlineData(",'base-node':'n1'")]
    [InlineData(",'base-node':'n2'")] // nothing to do
    [InlineData(",'bottom':'n1'")]
    public void What_guests_read_meanwhile_stays_in_the_image(string ends)
    {
        using var pair = new DaemonPair().Chain(4);
        pair.Export("n3");
        _ = pair.Do("block-stream", $"{{'job-id':'j','device':'n3','speed':1,'auto-finalize':false{ends}}}");
        pair.Io("n3", "read 700k 512", "read 1234567 70000", "write -P 9 1500k 1k");
        _ = pair.Do("job-cancel", "{'id':'j'}");
        pair.WaitJob("j");
        pair.CompareEvents();
        pair.Quit();
        // Without the places in the file: they tell whether a guest or the job was there first.
        pair.Judge("bash", "-c", "set -o pipefail; qemu-img map --output=json DIR/3.img | sed 's/, \"offset\": [0-9]*//'");
        pair.JudgeChain(4);
    }

    [Fact]
    public void Wrong_arguments_are_refused_alike()
    {
        using var pair = new DaemonPair().Chain(4);
        string[] arguments =
        [
            "",
            "'device':'x'",
            "'device':'n3','base':'nope'",
            "'device':'n3','base':'json:{}'",
            "'device':'n3','base':'3.img'",
            "'device':'n3','base-node':'nope'",
            "'device':'n3','base-node':'n3'",
            "'device':'n0','base-node':'n1'",
            "'device':'n3','base':'1.img','base-node':'n1'",
            "'device':'n3','base':'1.img','bottom':'n1'",
            "'device':'n3','base-node':'n0','bottom':'n1'",
            "'device':'n3','bottom':'nope'",
            "'device':'n1','bottom':'n2'",
            "'device':'n3','backing-file':'foo'",
            "'device':'n3','bottom':'n2','backing-file':'foo'",
            "'device':'n3','base-node':'n1','speed':-1",
            "'device':'n3','speed':'x'",
            "'device':'n3','on-error':'panic'",
            "'device':'n3','filter-node-name':'n1'",
            "'device':'n3','filter-node-name':'1n'",
            "'device':'n3','snapshot-node-name':'x'",
        ];
        foreach (var wrong in arguments)
        {
            _ = pair.Do("block-stream", $"{{{(wrong.Length > 0 ? wrong + "," : "")}'job-id':'j'}}");
        }
        _ = pair.Do("block-stream", "{'device':'n3'}");
        _ = pair.Do("block-stream", "{'device':'n3','job-id':'1j'}");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Fact]
    public void With_nothing_to_stream_it_is_over_at_once()
    {
        using var pair = new DaemonPair().Chain(3);
        _ = pair.Do("blockdev-add", "{'driver':'null-co','node-name':'null','size':4194304}");
        _ = pair.Do("block-stream", "{'job-id':'j','device':'null'}");
        pair.WaitJob("j");
        _ = pair.Do("block-stream", "{'job-id':'j','device':'n0'}");
        pair.WaitJob("j");
        _ = pair.Do(
            "block-stream",
            "{'job-id':'k','device':'n2','base-node':'n1','backing-file':'else.img','auto-finalize':false}"
        );
        pair.CompareState();
        _ = pair.Do("x-debug-query-block-graph");
        _ = pair.Do("job-finalize", "{'id':'k'}");
        pair.WaitJob("k");
        _ = pair.Do("query-named-block-nodes");
        _ = pair.Do("block-stream", "{'job-id':'j','device':'n2','base-node':'n1','auto-dismiss':false}");
        pair.WaitJob("j", "concluded");
        // query-block-jobs now would be the end of the reference.
        _ = pair.Do("query-jobs");
        _ = pair.Do("job-dismiss", "{'id':'j'}");
        pair.CompareEvents();
    }

    [Theory]
    [InlineData("")]
    [InlineData(",'filter-node-name':'flt'")]
    public void While_it_lasts_the_same_is_shown_and_refused(string filter)
    {
        using var pair = new DaemonPair().Chain(4);
        _ = pair.Do("blockdev-add", "{'driver':'null-co','node-name':'null','size':4194304}");
        pair.Export("n3");
        _ = pair.Do(
            "block-stream",
            $"{{'job-id':'j','device':'n3','base-node':'n0','backing-file':'elsewhere.img','auto-finalize':false{filter}}}"
        );
        pair.WaitJob("j", "pending");
        pair.CompareState();
        _ = pair.Do("query-named-block-nodes");
        foreach (var node in (string[])["n3", "n2", "n1", "n0", "flt"])
        {
            _ = pair.Do("blockdev-del", $"{{'node-name':'{node}'}}");
            _ = pair.Do("block-commit", $"{{'job-id':'k','device':'{node}','top-node':'n2','base-node':'n1'}}");
        }
        foreach (var node in (string[])["n3", "n2", "n1"])
        {
            _ = pair.Do("block-stream", $"{{'job-id':'k','device':'{node}'}}");
            _ = pair.Do("blockdev-backup", $"{{'job-id':'k','device':'{node}','target':'null','sync':'full'}}");
            _ = pair.Do("blockdev-backup", $"{{'job-id':'k','device':'null','target':'{node}','sync':'full'}}");
        }
        pair.ReopenLink("n3", "'backing':'n1'");
        pair.ReopenLink("n3", "'backing':null");
        pair.ReopenLink("n3", "'backing':'n2','read-only':true");
        pair.ReopenLink("n2", "'backing':'n0','read-only':true");
        pair.ReopenLink("n1", "'backing':'n0','read-only':true");
        pair.Io("n3", "write -P 77 1M 128k", "read -P 1 0 64k", "write -z 3M 64k");
        _ = pair.Do("job-finalize", "{'id':'j'}");
        pair.WaitJob("j");
        pair.CompareState();
        pair.CompareEvents();
        pair.Quit();
        pair.JudgeHeaders(4);
    }

    [Fact]
    public void Two_streams_share_a_chain_by_its_bottoms()
    {
        using var pair = new DaemonPair().Chain(4);
        _ = pair.Do("block-stream", "{'job-id':'j1','device':'n3','bottom':'n2','filter-node-name':'flt','auto-finalize':false}");
        pair.WaitJob("j1", "pending");
        _ = pair.Do("block-stream", "{'job-id':'j2','device':'n1','auto-finalize':false}");
        pair.WaitJob("j2", "pending");
        pair.CompareState();
        _ = pair.Do("query-named-block-nodes");
        pair.ReopenLink("n2", "'backing':'n0','read-only':true");
        pair.ReopenLink("n2", "'backing':'n1','read-only':false");
        _ = pair.Do("job-finalize", "{'id':'j2'}");
        pair.WaitJob("j2");
        pair.CompareState();
        _ = pair.Do("job-finalize", "{'id':'j1'}");
        pair.WaitJob("j1");
        pair.CompareState();
        pair.CompareEvents();
        pair.Quit();
        pair.JudgeChain(4);
    }

    [Fact]
    public void A_cancelled_stream_leaves_the_chain_as_it_was()
    {
        using var pair = new DaemonPair().Chain(3);
        _ = pair.Do("block-stream", "{'job-id':'j','device':'n2','auto-finalize':false}");
        pair.WaitJob("j", "pending");
        _ = pair.Do("job-cancel", "{'id':'j'}");
        pair.EndChain(3);
    }

    [Fact]
    public void A_read_only_image_is_streamed_into_and_read_only_again()
    {
        using var pair = new DaemonPair().Chain(3, topOptions: ",'read-only':true");
        _ = pair.Do("block-stream", "{'job-id':'j','device':'n2','base-node':'n0','auto-finalize':false}");
        pair.WaitJob("j", "pending");
        pair.CompareState();
        _ = pair.Do("job-finalize", "{'id':'j'}");
        pair.EndChain(3);
    }

    [Theory]
    [InlineData("report", true)]
    [InlineData("ignore", true)]
    [InlineData("stop", true)]
    [InlineData("enospc", true)]
    [InlineData("auto", true)]
    [InlineData("report", false)]
    [InlineData("ignore", false)]
    [InlineData("stop", false)]
    [InlineData("enospc", false)]
    [InlineData("auto", false)]
    public void A_fault_is_handled_by_policy_alike(string policy, bool once)
    {
        using var pair = new DaemonPair().FaultyChain(bad: 1, "read", errno: 5, once);
        _ = pair.Do("block-stream", $"{{'job-id':'j','device':'n2','on-error':'{policy}'}}");
        pair.EndFaultyJob(policy, stops: policy == "stop", once);
    }

    [Fact]
    public void It_is_paused_slowed_and_hurried_alike_while_a_guest_writes()
    {
        using var pair = new DaemonPair().Chain(3);
        pair.Export("n2");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'n2','name':'b','persistent':true}");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'n1','name':'c'}");
        _ = pair.Do("block-stream", "{'job-id':'j','device':'n2','speed':1}");
        pair.HinderAndHurry("n2");
        pair.EndChain(3);
    }
}
