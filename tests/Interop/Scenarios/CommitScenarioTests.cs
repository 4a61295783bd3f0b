namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>block-commit below the active layer beside the reference: what is written, whose headers change, what stands in the way meanwhile.</summary>
public sealed class CommitScenarioTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Every_pair_of_top_and_base_commits_alike(int length)
    {
        for (var top = 1; top < length - 1; top++)
        {
            for (var last = 0; last < top; last++)
            {
                using var pair = new DaemonPair().Chain(length);
                var ends =
                    (last + top) % 2 == 0
                        ? $"'top-node':'n{top}','base-node':'n{last}'"
                        : $"'top':'{top}.img','base':'{last}.img'";
                _ = pair.Do("block-commit", $"{{'job-id':'j','device':'n{length - 1}',{ends}}}");
                pair.EndChain(length);
                pair.CompareContent($"{last}.img");
            }
        }
    }

    [Fact]
    public void Wrong_arguments_are_refused_alike()
    {
        using var pair = new DaemonPair().Chain(4);
        string[] arguments =
        [
            "",
            "'device':'x'",
            "'device':'n3','top-node':'zz'",
            "'device':'n3','base-node':'zz'",
            "'device':'n3','base':'zz'",
            "'device':'n3','top':'zz'",
            "'device':'n3','top':'2.img','top-node':'n2'",
            "'device':'n3','base':'0.img','base-node':'n0'",
            "'device':'n3','top-node':'n1','base-node':'n2'",
            "'device':'n3','top-node':'n1','base-node':'n1'",
            "'device':'n3','top-node':'n2','base-node':'n3'",
            "'device':'n2','top-node':'n1','base-node':'n0'",
            "'device':'n0'",
            "'device':'n3','top-node':'n0'",
            "'device':'n3','top-node':'n2','speed':-1",
            "'device':'n3','top-node':'n2','speed':'x'",
            "'device':'n3','top-node':'n2','on-error':'x'",
            "'device':'n3','top-node':'n2','filter-node-name':'n1'",
            "'device':'n3','top-node':'n2','filter-node-name':'1n'",
            "'device':'n3','backing-file':'foo'",
            "'device':'n3','top':'3.img','backing-file':'foo'",
        ];
        foreach (var wrong in arguments)
        {
            _ = pair.Do("block-commit", $"{{{(wrong.Length > 0 ? wrong + "," : "")}'job-id':'j'}}");
        }
        _ = pair.Do("block-commit", "{'device':'n3','top-node':'n2'}");
        _ = pair.Do("block-commit", "{'device':'n3','top-node':'n2','job-id':'1j'}");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Theory]
    [InlineData("")]
    [InlineData(",'filter-node-name':'ct'")]
    public void While_it_lasts_the_same_is_shown_and_refused(string filter)
    {
        using var pair = new DaemonPair().Chain(5);
        pair.Export("n4");
        _ = pair.Do("blockdev-add", "{'driver':'null-co','node-name':'null','size':4194304}");
        _ = pair.Do(
            "block-commit",
            $"{{'job-id':'j','device':'n4','top-node':'n3','base-node':'n1','backing-file':'elsewhere.img','auto-finalize':false{filter}}}"
        );
        pair.WaitJob("j", "pending");
        pair.CompareState();
        _ = pair.Do("query-named-block-nodes");
        foreach (var node in (string[])["n4", "n3", "n2", "n1", "n0", "ct"])
        {
            _ = pair.Do("blockdev-del", $"{{'node-name':'{node}'}}");
            foreach (var writable in (string[])["false", "true"])
            {
                _ = pair.Do(
                    "block-export-add",
                    $"{{'type':'nbd','id':'e','name':'e','node-name':'{node}','writable':{writable}}}"
                );
                _ = pair.Do("block-export-del", "{'id':'e','mode':'hard'}");
            }
        }
        foreach (var node in (string[])["n4", "n3", "n2", "n1"])
        {
            _ = pair.Do("block-stream", $"{{'job-id':'k','device':'{node}'}}");
            _ = pair.Do("blockdev-backup", $"{{'job-id':'k','device':'{node}','target':'null','sync':'full'}}");
            _ = pair.Do("blockdev-backup", $"{{'job-id':'k','device':'null','target':'{node}','sync':'full'}}");
        }
        _ = pair.Do("block-commit", "{'job-id':'k','device':'n4','top-node':'n1','base-node':'n0'}");
        pair.ReopenLink("n3", "'backing':'n1','read-only':true");
        pair.ReopenLink("n2", "'backing':'n0','read-only':true");
        pair.ReopenLink("n2", "'backing':null,'read-only':true");
        pair.ReopenLink("n1", "'backing':'n0','read-only':true");
        pair.Io("n4", "write -P 77 1M 128k", "read -P 1 0 64k", "write -z 3M 64k");
        _ = pair.Do("job-finalize", "{'id':'j'}");
        pair.WaitJob("j");
        pair.CompareState();
        pair.CompareEvents();
        pair.Quit();
        pair.JudgeHeaders(5);
    }

    [Fact]
    public void A_cancelled_commit_leaves_the_chain_as_it_was()
    {
        using var pair = new DaemonPair().Chain(4);
        pair.Export("n3");
        _ = pair.Do("block-commit", "{'job-id':'j','device':'n3','top-node':'n2','base-node':'n0','auto-finalize':false}");
        pair.WaitJob("j", "pending");
        _ = pair.Do("job-cancel", "{'id':'j'}");
        pair.EndChain(4);
    }

    [Fact]
    public void All_overlays_of_the_top_get_the_base()
    {
        using var pair = new DaemonPair().Chain(4);
        _ = pair.Do("block-commit", "{'job-id':'j','device':'n3','top-node':'n2','base-node':'n1'}");
        pair.WaitJob("j");
        // n3 and the n2 that was left out both stand on n1 now.
        _ = pair.Do("block-commit", "{'job-id':'j','device':'n3','top-node':'n1'}");
        pair.EndChain(4);
    }

    [Fact]
    public void A_base_that_is_too_small_grows_and_its_bitmaps_learn_what_is_written()
    {
        using var pair = new DaemonPair();
        pair.Image("0.img", size: "1M");
        pair.Link(1, "4M");
        pair.Link(2, "4M");
        pair.AddChain(3);
        _ = pair.Do(
            "blockdev-reopen",
            "{'options':[{'driver':'qcow2','node-name':'n0','file':{'driver':'file','filename':'0.img'}}]}"
        );
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'n0','name':'b','persistent':true}");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'n1','name':'c'}");
        _ = pair.Do("block-commit", "{'job-id':'j','device':'n2','top-node':'n1'}");
        pair.EndChain(3);
    }

    [Theory]
    [InlineData("report", true)]
    [InlineData("ignore", true)]
    [InlineData("stop", true)]
    [InlineData("enospc", true)]
    [InlineData("auto", true)]
    [InlineData("report", false)]
    [InlineData("stop", false)]
    [InlineData("enospc", false)]
    [InlineData("auto", false)]
    public void A_fault_is_handled_by_policy_alike(string policy, bool once)
    {
        using var pair = new DaemonPair().FaultyChain(bad: 0, "write", errno: 28, once);
        _ = pair.Do(
            "block-commit",
            $"{{'job-id':'j','device':'n2','top-node':'n1','backing-file':'0.img','on-error':'{policy}'}}"
        );
        pair.EndFaultyJob(policy, stops: true, once);
    }

    [Fact]
    public void It_is_paused_slowed_and_hurried_alike_while_a_guest_writes()
    {
        using var pair = new DaemonPair().Chain(4);
        pair.Export("n3");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'n3','name':'b','persistent':true}");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'n1','name':'c'}");
        _ = pair.Do("block-commit", "{'job-id':'j','device':'n3','top-node':'n2','base-node':'n1','speed':1}");
        pair.HinderAndHurry("n3");
        pair.EndChain(4);
    }
}
