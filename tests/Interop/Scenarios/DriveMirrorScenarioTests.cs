namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>drive-mirror beside the reference: which file is made, what is copied, and over what the target stands in the end.</summary>
public sealed class DriveMirrorScenarioTests
{
    [Theory]
    [InlineData("full", "")]
    [InlineData("full", ",'format':'raw'")]
    [InlineData("full", ",'format':'qcow2','node-name':'n','unmap':false,'copy-mode':'write-blocking'")]
    [InlineData("top", "")]
    [InlineData("top", ",'node-name':'n'")]
    [InlineData("none", "")]
    [InlineData("none", ",'node-name':'n','copy-mode':'write-blocking'")]
    public void A_target_that_is_made_takes_the_disks_place(string sync, string more)
    {
        using var pair = Chain();
        var format = more.Contains("raw", StringComparison.Ordinal) ? "raw" : "qcow2";
        foreach (var isKept in (bool[])[false, true])
        {
            _ = pair.Do("drive-mirror", $"{{'job-id':'j','device':'d','target':'n.img','sync':'{sync}'{more}}}");
            pair.WaitJob("j", "ready");
            pair.Io("d", "write -P 3 10M 1M", "write -P 4 13M 1000");
            pair.Settle("j");
            pair.CompareState();
            _ = pair.Do(isKept ? "block-job-complete" : "block-job-cancel", "{'device':'j'}");
            pair.WaitJob("j");
            pair.CompareState();
        }
        pair.Io("d", "read -P 3 10M 1M", "read -P 2 600k 64k", "read -P 1 0 64k", "write -P 5 20M 1M");
        pair.CompareState();
        pair.CompareEvents();
        pair.Quit();
        pair.Judge("qemu-img", "info", "-f", format, "DIR/n.img");
        if (format == "qcow2")
        {
            pair.Judge("qemu-img", "check", "-q", "DIR/n.img");
        }
        pair.Judge("qemu-img", "compare", "-f", "qcow2", "-F", format, "DIR/d.img", "DIR/n.img");
    }

    [Theory]
    [InlineData("full", "")]
    [InlineData("top", "-b base.img -F qcow2")]
    [InlineData("full", "-b base.img -F qcow2")]
    public void A_target_that_is_there_already_keeps_its_backing_file(string sync, string options)
    {
        using var pair = Chain();
        pair.Image(
            "n.img",
            size: "64M",
            options: options.Split(' ', StringSplitOptions.RemoveEmptyEntries).Prepend("-u").ToArray()
        );
        _ = pair.Do(
            "drive-mirror",
            $"{{'job-id':'j','device':'d','target':'n.img','sync':'{sync}','mode':'existing','format':'qcow2'}}"
        );
        pair.WaitJob("j", "ready");
        pair.Io("d", "write -P 3 10M 1000");
        pair.Settle("j");
        pair.CompareState();
        _ = pair.Do("block-job-complete", "{'device':'j'}");
        pair.WaitJob("j");
        pair.Io("d", "read -P 3 10M 1000", "read -P 2 600k 64k", "read -P 1 0 64k");
        pair.CompareState();
        pair.CompareEvents();
        pair.Quit();
        pair.Judge("qemu-img", "compare", "DIR/d.img", "DIR/n.img");
    }

    [Fact]
    public void Wrong_arguments_are_refused_alike()
    {
        using var pair = Chain();
        string[] arguments =
        [
            "",
            ",'target':'n.img'",
            ",'target':'n.img','sync':'full','mode':'existing'",
            ",'target':'n.img','sync':'top','format':'raw'",
            ",'target':'n.img','sync':'none','format':'raw'",
            ",'target':'n.img','sync':'full','format':'xyz'",
            ",'target':'n.img','sync':'full','mode':'xyz'",
            ",'target':'none/n.img','sync':'full'",
            ",'target':'n.img','sync':'full','node-name':'d'",
            ",'target':'n.img','sync':'full','replaces':'d'",
            ",'target':'n.img','sync':'full','replaces':'none','node-name':'n'",
            ",'target':'n.img','sync':'incremental'",
            ",'target':'n.img','sync':'full','granularity':3",
            ",'target':'n.img','sync':'full','buf-size':-1",
            ",'target':'n.img','sync':'full','speed':-1",
            ",'target':'n.img','sync':'full','filter-node-name':'f'",
            ",'target':'d.img','sync':'full'",
        ];
        foreach (var more in arguments)
        {
            _ = pair.Do("drive-mirror", $"{{'job-id':'j','device':'d'{more}}}");
            pair.CompareState();
        }
        _ = pair.Do("drive-mirror", "{'job-id':'j','device':'none','target':'n.img','sync':'full'}");
        _ = pair.Do("drive-mirror", "{'job-id':'j','device':'base','target':'n.img','sync':'full'}");
        _ = pair.Do("drive-mirror", "{'device':'d','target':'n.img','sync':'full'}");
        pair.CompareState();
        pair.CompareEvents();
    }

    private static DaemonPair Chain()
    {
        var pair = new DaemonPair();
        pair.Node("base");
        pair.Export("base");
        pair.Io("base", "write -P 1 0 1M", "write -P 1 20M 64k");
        pair.Unexport("base");
        _ = pair.Do("blockdev-del", "{'node-name':'base'}");
        pair.Image("d.img", size: "64M", options: ["-u", "-b", "base.img", "-F", "qcow2"]);
        _ = pair.Do(
            "blockdev-add",
            "{'driver':'qcow2','node-name':'d','file':{'driver':'file','filename':'d.img'},'backing':"
                + "{'driver':'qcow2','node-name':'base','file':{'driver':'file','filename':'base.img'}}}"
        );
        pair.Export("d");
        pair.Io("d", "write -P 2 512k 1M", "write -P 2 40M 10k");
        return pair;
    }
}
