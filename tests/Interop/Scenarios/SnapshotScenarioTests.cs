namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>External snapshots beside the reference: overlays put above nodes that are in use, made by the command or there already.</summary>
public sealed class SnapshotScenarioTests
{
    private const string Abort = "{'type':'abort','data':{}}";

    [Fact]
    public void An_overlay_takes_over_the_users_of_its_node()
    {
        using var pair = new DaemonPair();
        pair.Node("a");
        pair.Node("b");
        pair.Export("a");
        pair.Io("a", "write -P 1 0 1M");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'a','name':'x','persistent':true}");
        _ = pair.Do("blockdev-snapshot", "{'node':'a','overlay':'b'}");
        pair.CompareState();
        pair.Io("a", "write -P 2 512k 1M");
        pair.CompareState();
        _ = pair.Do("blockdev-del", "{'node-name':'a'}");
        _ = pair.Do("blockdev-del", "{'node-name':'b'}");
        pair.Unexport("a");
        _ = pair.Do("blockdev-del", "{'node-name':'b'}");
        pair.CompareState();
        _ = pair.Do("blockdev-del", "{'node-name':'a'}");
        pair.Judge("qemu-img", "info", "--output=json", "DIR/a.img");
        pair.Judge("qemu-img", "check", "DIR/a.img");
        pair.Judge("qemu-img", "map", "--output=json", "DIR/b.img");
    }

    [Fact]
    public void What_can_not_be_an_overlay_is_refused()
    {
        using var pair = new DaemonPair();
        pair.Node("a");
        pair.Node("b");
        pair.Node("c");
        pair.Node("d");
        pair.Node("r", "raw");
        pair.Node("ro", "qcow2", "64M", ",'read-only':true");
        pair.Image("over.img", "qcow2", "64M");
        pair.Add("over", "qcow2", ",'backing':'b'");
        pair.Export("a");
        string[] wrong =
        [
            "{'node':'a','overlay':'none'}",
            "{'node':'none','overlay':'a'}",
            "{'node':'a','overlay':'a'}",
            "{'node':'a','overlay':'r'}",
            "{'node':'a','overlay':'over'}",
            "{'node':'b','overlay':'c'}",
            "{'node':'a','overlay':'ro'}",
            "{'node':'a'}",
        ];
        foreach (var arguments in wrong)
        {
            _ = pair.Do("blockdev-snapshot", arguments);
        }
        pair.CompareState();
        _ = pair.Do("blockdev-snapshot", "{'node':'a','overlay':'c'}");
        _ = pair.Do("blockdev-snapshot", "{'node':'a','overlay':'d'}");
        _ = pair.Do("blockdev-snapshot", "{'node':'d','overlay':'a'}");
        _ = pair.Do("blockdev-snapshot", "{'node':'d','overlay':'c'}");
        pair.Unexport("a");
        _ = pair.Do("blockdev-snapshot", "{'node':'d','overlay':'a'}");
        _ = pair.Do("blockdev-snapshot", "{'node':'c','overlay':'d'}");
        pair.CompareState();
    }

    [Fact]
    public void A_snapshot_is_undone_with_its_transaction()
    {
        using var pair = new DaemonPair();
        pair.Node("a");
        pair.Image("b.img", "qcow2", "", "-b", "a.img", "-F", "qcow2");
        pair.Add("b", "qcow2", ",'backing':null");
        pair.Export("a");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'a','name':'x','persistent':true}");
        const string snapshot = "{'type':'blockdev-snapshot','data':{'node':'a','overlay':'b'}}";
        const string made =
            "{'type':'blockdev-snapshot-sync','data':{'node-name':'a','snapshot-file':'s.img','snapshot-node-name':'s'}}";
        _ = pair.Transaction(snapshot, Abort);
        pair.CompareState();
        _ = pair.Transaction(made, Abort);
        pair.CompareState();
        _ = pair.Transaction(snapshot, made);
        pair.CompareState();
        pair.Io("a", "write -P 1 0 64k");
        _ = pair.Transaction(
            snapshot,
            "{'type':'block-dirty-bitmap-add','data':{'node':'b','name':'y','persistent':true}}",
            "{'type':'blockdev-snapshot-sync','data':{'node-name':'b','snapshot-file':'t.img','snapshot-node-name':'t'}}"
        );
        pair.Io("a", "write -P 2 32k 64k");
        pair.CompareState();
        _ = pair.Do(
            "transaction",
            "{'actions':[{'type':'blockdev-snapshot','data':{'node':'t','overlay':'a'}}],'properties':{'completion-mode':'grouped'}}"
        );
        pair.Quit();
        pair.Judge("qemu-img", "info", "--output=json", "--backing-chain", "DIR/b.img");
        pair.Judge("qemu-img", "info", "--output=json", "DIR/t.img");
        pair.Judge("qemu-img", "check", "DIR/b.img");
    }

    [Fact]
    public void An_overlay_file_is_made_or_opened()
    {
        using var pair = new DaemonPair();
        pair.Node("a");
        pair.Image("there.img", "qcow2", "64M");
        pair.Image("small.img", "qcow2", "1M");
        pair.Export("a");
        Snapshot("'node-name':'a','snapshot-file':'o.img'");
        Snapshot("'node-name':'a','snapshot-file':'o.img','snapshot-node-name':'o'");
        Snapshot("'node-name':'a','snapshot-file':'p.img','snapshot-node-name':'p'");
        Snapshot("'node-name':'o','snapshot-file':'p.img','snapshot-node-name':'o'");
        Snapshot("'node-name':'o','snapshot-file':'p.img','snapshot-node-name':'p','format':'raw'");
        Snapshot("'node-name':'o','snapshot-file':'p.img','snapshot-node-name':'p','format':'nothing'");
        Snapshot("'node-name':'o','snapshot-file':'p.img','snapshot-node-name':'p','mode':'sideways'");
        Snapshot("'node-name':'o','snapshot-file':'no/such/p.img','snapshot-node-name':'p'");
        Snapshot("'node-name':'o','snapshot-file':'missing.img','snapshot-node-name':'p','mode':'existing'");
        Snapshot("'node-name':'o','snapshot-file':'p.img','snapshot-node-name':''");
        Snapshot("'node-name':'o','snapshot-file':'p.img','snapshot-node-name':'1 p'");
        Snapshot("'snapshot-file':'p.img','snapshot-node-name':'p'");
        Snapshot("'device':'o','snapshot-file':'p.img','snapshot-node-name':'p'");
        pair.CompareState();
        Snapshot("'node-name':'o','snapshot-file':'there.img','snapshot-node-name':'p','mode':'existing'");
        pair.CompareState();
        pair.Io("a", "write -P 7 0 64k");
        Snapshot("'device':'p','node-name':'p','snapshot-file':'q.img','snapshot-node-name':'q'");
        pair.CompareState();
        pair.Io("a", "read -P 7 0 64k", "write -P 8 1M 64k");
        Snapshot("'node-name':'q','snapshot-file':'small.img','snapshot-node-name':'s','mode':'existing'");
        pair.CompareState();
        pair.Judge("qemu-img", "info", "-U", "--output=json", "DIR/o.img");
        pair.Judge("qemu-img", "info", "-U", "--output=json", "DIR/q.img");

        void Snapshot(string members) => _ = pair.Do("blockdev-snapshot-sync", $"{{{members}}}");
    }

    [Fact]
    public void An_overlay_that_nobody_uses_closes_again()
    {
        using var pair = new DaemonPair();
        pair.Node("a");
        _ = pair.Do("blockdev-snapshot-sync", "{'node-name':'a','snapshot-file':'o.img','snapshot-node-name':'o'}");
        pair.CompareState();
        pair.Judge("qemu-img", "info", "-U", "--output=json", "DIR/o.img");
    }

    [Fact]
    public void A_snapshot_of_a_node_that_a_job_has_is_refused()
    {
        using var pair = new DaemonPair();
        pair.Node("a");
        pair.Node("b");
        pair.Node("t");
        pair.Export("a");
        _ = pair.Do("blockdev-backup", "{'job-id':'j','device':'a','target':'t','sync':'none'}");
        _ = pair.Do("blockdev-snapshot", "{'node':'t','overlay':'b'}");
        _ = pair.Do("block-job-cancel", "{'device':'j'}");
        pair.WaitJob("j");
        _ = pair.Do("blockdev-snapshot", "{'node':'a','overlay':'b'}");
        pair.CompareState();
    }
}
