namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>Commits of the image that guests write to, beside the reference.</summary>
public sealed class ActiveCommitScenarioTests
{
    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    [InlineData(3, 1)]
    [InlineData(5, 2)]
    public void Guests_move_to_the_base_that_has_all_that_was_above(int length, int lower)
    {
        using var pair = Chain(length);
        _ = pair.Do("block-commit", $"{{'job-id':'j','device':'n{length - 1}','base-node':'n{lower}'}}");
        pair.WaitJob("j", "ready");
        pair.CompareState();
        pair.Io($"n{length - 1}", "write -P 9 30M 1M", "write -z 256k 100k", "write -P 10 31M 700");
        pair.Settle("j");
        pair.CompareState();
        _ = pair.Do("block-job-complete", "{'device':'j'}");
        pair.WaitJob("j");
        pair.CompareState();
        pair.CompareEvents();
        pair.Judge("qemu-img", "compare", "-U", $"DIR/n{length - 1}.img", $"DIR/n{lower}.img");
        pair.Io($"n{length - 1}", "write -P 11 40M 64k");
        _ = pair.Do("blockdev-del", $"{{'node-name':'n{length - 1}'}}");
        pair.CompareState();
        pair.Quit();
        pair.Judge("qemu-img", "check", "-q", $"DIR/n{lower}.img");
    }

    [Theory]
    [InlineData("block-job-cancel", "{'device':'j'}")]
    [InlineData("block-job-cancel", "{'device':'j','force':true}")]
    [InlineData("job-cancel", "{'id':'j'}")]
    public void A_cancel_leaves_the_chain_as_it_is(string command, string names)
    {
        using var pair = Chain(3);
        _ = pair.Do("block-commit", "{'job-id':'j','device':'n2','filter-node-name':'f'}");
        pair.WaitJob("j", "ready");
        pair.Io("n2", "write -P 9 30M 1M");
        pair.Settle("j");
        _ = pair.Do(command, names);
        pair.WaitJob("j");
        pair.CompareState();
        pair.CompareEvents();
        pair.Io("n2", "read -P 9 30M 1M", "read -P 3 1M 1M", "read -P 1 0 512k");
    }

    [Fact]
    public void The_chain_is_kept_from_others_meanwhile()
    {
        using var pair = Chain(3);
        _ = pair.Do("block-commit", "{'job-id':'j','device':'n2'}");
        pair.WaitJob("j", "ready");
        foreach (var node in (string[])["n0", "n1", "n2"])
        {
            _ = pair.Do(
                "block-export-add",
                $"{{'type':'nbd','id':'x{node}','node-name':'{node}','name':'x{node}','writable':false}}"
            );
            _ = pair.Do("blockdev-del", $"{{'node-name':'{node}'}}");
        }
        _ = pair.Do(
            "blockdev-reopen",
            "{'options':[{'driver':'qcow2','node-name':'n2','file':{'driver':'file','filename':'n2.img'},'backing':null}]}"
        );
        _ = pair.Do("block-commit", "{'job-id':'k','device':'n2'}");
        _ = pair.Do("block-stream", "{'job-id':'k','device':'n2'}");
        pair.CompareState();
        _ = pair.Do("job-complete", "{'id':'j'}");
        pair.WaitJob("j");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Theory]
    [InlineData("64M", "32M")]
    [InlineData("32M", "64M")]
    public void A_base_that_is_smaller_grows(string lower, string upper)
    {
        using var pair = new DaemonPair();
        pair.Image("n0.img", size: lower);
        pair.Image("n1.img", size: upper);
        _ = pair.Do(
            "blockdev-add",
            "{'driver':'qcow2','node-name':'n1','file':{'driver':'file','filename':'n1.img'},'backing':"
                + "{'driver':'qcow2','node-name':'n0','file':{'driver':'file','filename':'n0.img'}}}"
        );
        pair.Export("n1");
        pair.Io("n1", "write -P 2 5M 1M");
        _ = pair.Do("block-commit", "{'job-id':'j','device':'n1'}");
        pair.WaitJob("j", "ready");
        pair.CompareState();
        _ = pair.Do("job-complete", "{'id':'j'}");
        pair.WaitJob("j");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Theory]
    [InlineData("report")]
    [InlineData("ignore")]
    [InlineData("stop")]
    [InlineData("enospc")]
    public void A_base_that_cannot_be_written_once_is_handled_by_policy_alike(string policy)
    {
        using var pair = new DaemonPair();
        pair.Image("n0.img", "raw");
        pair.Image("n1.img");
        _ = pair.Do(
            "blockdev-add",
            "{'driver':'qcow2','node-name':'n1','file':{'driver':'file','filename':'n1.img'},'backing':"
                + "{'driver':'raw','node-name':'n0','file':{'driver':'blkdebug','image':{'driver':'file','filename':'n0.img'},"
                + "'inject-error':[{'event':'none','iotype':'write','errno':28,'once':true}]}}}"
        );
        pair.Export("n1");
        pair.Io("n1", "write -P 2 5M 1M");
        _ = pair.Do("block-commit", $"{{'job-id':'j','device':'n1','on-error':'{policy}'}}");
        pair.EndReadyJob(policy, stops: policy is "stop" or "enospc");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Fact]
    public void Wrong_arguments_are_refused_alike()
    {
        using var pair = Chain(3);
        foreach (
            var more in (string[])
                [
                    ",'speed':-1",
                    ",'filter-node-name':'n1'",
                    ",'backing-file':'x'",
                    ",'base-node':'n2'",
                    ",'on-error':'panic'",
                    ",'top-node':'n2','base':'none'",
                ]
        )
        {
            _ = pair.Do("block-commit", $"{{'job-id':'j','device':'n2'{more}}}");
            pair.CompareState();
        }
        _ = pair.Do("block-commit", "{'device':'n2'}");
        pair.CompareState();
        pair.CompareEvents();
    }

    private static DaemonPair Chain(int length)
    {
        var pair = new DaemonPair();
        for (var i = 0; i < length; i++)
        {
            pair.Image($"n{i}.img", size: "64M", options: i == 0 ? [] : ["-u", "-b", $"n{i - 1}.img", "-F", "qcow2"]);
            var backing = i == 0 ? "" : $",'backing':'n{i - 1}'";
            _ = pair.Do(
                "blockdev-add",
                $"{{'driver':'qcow2','node-name':'n{i}','file':{{'driver':'file','filename':'n{i}.img'}}{backing}}}"
            );
            pair.Export($"n{i}");
            pair.Io($"n{i}", $"write -P {i + 1} {i * 512}k 1M");
            if (i < length - 1)
            {
                pair.Unexport($"n{i}");
            }
        }
        return pair;
    }
}
