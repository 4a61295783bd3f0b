using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>Mirror jobs over faulty images beside the reference: what each error policy does, and how far the job says it got.</summary>
public sealed class MirrorFaultScenarioTests
{
    [Theory]
    [InlineData("report", "background")]
    [InlineData("report", "write-blocking")]
    [InlineData("ignore", "background")]
    [InlineData("ignore", "write-blocking")]
    [InlineData("stop", "background")]
    [InlineData("stop", "write-blocking")]
    [InlineData("enospc", "background")]
    [InlineData("enospc", "write-blocking")]
    [InlineData("auto", "background")]
    public void A_target_that_cannot_be_written_once_is_handled_by_policy_alike(string policy, string mode)
    {
        using var pair = new DaemonPair();
        pair.Node("d", "raw");
        pair.Export("d");
        pair.Image("t.img", "raw");
        _ = pair.Do("blockdev-add", $"{{'driver':'raw','node-name':'t','file':{Faulty("t.img", "write", 28, once: true)}}}");
        pair.Io("d", "write -P 1 0 16M");
        Start(pair, "d", "t", $",'buf-size':1048576,'copy-mode':'{mode}','on-target-error':'{policy}'");
        pair.EndReadyJob(policy, stops: policy is "stop" or "enospc" or "auto");
        pair.CompareState();
        pair.CompareEvents();
        if (policy != "report")
        {
            pair.Judge("qemu-img", "compare", "-U", "-f", "raw", "-F", "raw", "DIR/d.img", "DIR/t.img");
        }
    }

    [Theory]
    [InlineData("report", "background")]
    [InlineData("report", "write-blocking")]
    [InlineData("stop", "background")]
    [InlineData("stop", "write-blocking")]
    public void A_write_of_a_guest_that_the_target_refuses_is_the_jobs_trouble_alike(string policy, string mode)
    {
        using var pair = new DaemonPair();
        pair.Node("d", "raw");
        pair.Export("d");
        pair.Image("t.img", "raw");
        _ = pair.Do("blockdev-add", $"{{'driver':'raw','node-name':'t','file':{Faulty("t.img", "write", 28, once: false)}}}");
        _ = pair.Do(
            "blockdev-mirror",
            $"{{'job-id':'j','device':'d','target':'t','sync':'none','copy-mode':'{mode}','on-target-error':'{policy}'}}"
        );
        pair.WaitJob("j", "ready");
        pair.Io("d", "write -P 1 9M 2M");
        pair.WaitJob("j", policy == "report" ? "null" : "standby");
        pair.CompareState();
        if (policy == "stop")
        {
            _ = pair.Do("job-complete", "{'id':'j'}");
            _ = pair.Do("block-job-resume", "{'device':'j'}");
            pair.WaitJob("j", "standby");
            pair.CompareState();
            _ = pair.Do("job-cancel", "{'id':'j'}");
            pair.WaitJob("j");
        }
        pair.CompareState();
        pair.CompareEvents();
    }

    [Theory]
    [InlineData("report")]
    [InlineData("ignore")]
    [InlineData("stop")]
    public void A_source_that_cannot_be_read_once_is_handled_by_policy_alike(string policy)
    {
        using var pair = new DaemonPair();
        pair.Image("d.img", "raw");
        pair.ChangeImage(
            "d.img",
            static path => ProgramRun.Of("qemu-io", "-f", "raw", "-c", "write -P 1 0 64M", path).MustSucceed()
        );
        pair.Node("t", "raw");
        _ = pair.Do("blockdev-add", $"{{'driver':'raw','node-name':'d','file':{Faulty("d.img", "read", 5, once: true)}}}");
        Start(pair, "d", "t", $",'buf-size':1048576,'on-source-error':'{policy}'");
        pair.EndReadyJob(policy, stops: policy == "stop");
        pair.CompareState();
        pair.CompareEvents();
    }

    private static void Start(DaemonPair pair, string source, string target, string more) =>
        _ = pair.Do("blockdev-mirror", $"{{'job-id':'j','device':'{source}','target':'{target}','sync':'full'{more}}}");

    private static string Faulty(string file, string kind, int errno, bool once) =>
        $"{{'driver':'blkdebug','image':{{'driver':'file','filename':'{file}'}},'inject-error':"
        + $"[{{'event':'none','iotype':'{kind}','errno':{errno},'once':{(once ? "true" : "false")},'sector':20480}}]}}";
}
