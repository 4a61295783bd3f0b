namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>Nodes that keep what is read through them, beside the reference.</summary>
public sealed class CopyOnReadScenarioTests
{
    [Theory]
    [InlineData("")]
    [InlineData(",'bottom':'top'")]
    [InlineData(",'bottom':'middle'")]
    [InlineData(",'bottom':'base'")]
    public void What_is_read_is_kept_alike(string bottom)
    {
        using var pair = new DaemonPair();
        pair.Image("base.img", "qcow2", "2M");
        pair.Image("middle.img", "qcow2", "3M", "-b", "base.img", "-F", "qcow2");
        pair.Image("top.img", "qcow2", "4M", "-b", "middle.img", "-F", "qcow2", "-o", "cluster_size=128k");
        pair.ChangeImage("base.img", static path => Fill(path, "write -P 1 0 1M"));
        pair.ChangeImage("middle.img", static path => Fill(path, "write -P 2 512k 512k", "write -z 1536k 64k"));
        pair.ChangeImage("top.img", static path => Fill(path, "write -P 3 640k 100k"));
        pair.Add("base");
        pair.Add("middle", options: ",'backing':'base'");
        pair.Add("top", options: ",'backing':'middle'");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'top','name':'b'}");
        _ = pair.Do("blockdev-add", $"{{'driver':'copy-on-read','node-name':'cor','file':'top'{bottom}}}");
        pair.CompareState();
        pair.Export("cor");
        pair.Io(
            "cor",
            "read -P 1 5k 10k",
            "read -P 1 260k 1k",
            "read -P 1 300k 212k",
            "read -P 2 512k 128k",
            "read -P 3 640k 64k"
        );
        pair.Io("cor", "read -P 0 1500k 200k", "read -P 0 2100k 100k", "read -P 0 3500k 100k", "read -P 0 4032k 64k");
        pair.Io("cor", "write -P 7 20k 3k", "read -P 7 20k 3k", "read -P 1 0 20k", "discard 0 64k", "write -z 1M 64k");
        pair.CompareState();
        pair.Unexport("cor");
        _ = pair.Do("blockdev-del", "{'node-name':'cor'}");
        pair.Quit();
        pair.Judge("qemu-img", "map", "--output=json", "DIR/top.img");
        pair.Judge("qemu-img", "check", "DIR/top.img");
    }

    [Fact]
    public void Nodes_that_can_not_keep_are_refused_alike()
    {
        using var pair = new DaemonPair();
        pair.Node("d");
        pair.Image("e.img");
        pair.Add("e", options: ",'read-only':true");
        string[] options =
        [
            "",
            "'file':'none'",
            "'file':'e'",
            "'file':'e','read-only':true",
            "'file':'d','bottom':'none'",
            "'file':'d','bottom':7",
            "'file':'d','top':'d'",
            "'file':'d','read-only':true",
        ];
        foreach (var option in options)
        {
            _ = pair.Do("blockdev-add", $"{{'driver':'copy-on-read','node-name':'c'{(option.Length > 0 ? "," + option : "")}}}");
            pair.CompareState();
            _ = pair.Do("blockdev-del", "{'node-name':'c'}");
        }
        _ = pair.Do("blockdev-add", "{'driver':'copy-on-read','node-name':'c','file':'d'}");
        pair.Export("d");
        _ = pair.Do("block_resize", "{'node-name':'c','size':1048576}");
        pair.Unexport("d");
        _ = pair.Do("block_resize", "{'node-name':'c','size':1048576}");
        pair.CompareState();
    }

    private static void Fill(string path, params string[] commands) =>
        _ = Testing
            .ProgramRun.Of("qemu-io", [.. commands.SelectMany(static command => new[] { "-c", command }), path])
            .MustSucceed();

    [Fact]
    public void A_bottom_stays_in_the_chain_alike()
    {
        using var pair = new DaemonPair();
        var below = "null";
        foreach (var name in (string[])["a", "b", "c", "s"])
        {
            pair.Image($"{name}.img", "qcow2", "8M");
            pair.Add(name, options: $",'backing':{(name == "s" ? "null" : below)}");
            below = $"'{name}'";
        }
        _ = pair.Do("blockdev-add", "{'driver':'copy-on-read','node-name':'r','file':'c','bottom':'b'}");
        _ = pair.Do("blockdev-add", "{'driver':'copy-on-read','node-name':'r2','file':'c','bottom':'b'}");
        _ = pair.Do("block-commit", "{'job-id':'j','device':'r','top-node':'b','base-node':'a'}");
        const string Other =
            "{'options':[{'driver':'qcow2','node-name':'c','file':{'driver':'file','filename':'c.img'},'backing':'a'}]}";
        _ = pair.Do("blockdev-reopen", Other);
        _ = pair.Do("block-stream", "{'job-id':'j','device':'c'}");
        _ = pair.Do("blockdev-snapshot", "{'node':'c','overlay':'s'}");
        _ = pair.Do("blockdev-del", "{'node-name':'r'}");
        _ = pair.Do("blockdev-reopen", Other);
        pair.CompareState();
        pair.CompareEvents();
    }
}
