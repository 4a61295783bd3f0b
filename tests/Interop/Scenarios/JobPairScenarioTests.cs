namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>Two jobs at once beside the reference: every kind with every kind, on the same nodes, on chains that overlap, on targets of each other.</summary>
public sealed class JobPairScenarioTests
{
    // Nodes: the chain n3 (in use) to n0, and t1, t2 beside it.
    private static readonly (string Command, string Arguments)[] Jobs =
    [
        ("blockdev-backup", "'device':'n3','target':'t1','sync':'full'"),
        ("blockdev-backup", "'device':'n3','target':'t2','sync':'full'"),
        ("blockdev-backup", "'device':'n1','target':'t1','sync':'full'"),
        ("blockdev-backup", "'device':'t1','target':'t2','sync':'full'"),
        ("blockdev-backup", "'device':'t2','target':'t1','sync':'none'"),
        ("blockdev-mirror", "'device':'n3','target':'t1','sync':'full'"),
        ("blockdev-mirror", "'device':'n3','target':'t2','sync':'top'"),
        ("blockdev-mirror", "'device':'n1','target':'t1','sync':'full'"),
        ("blockdev-mirror", "'device':'t1','target':'t2','sync':'full'"),
        ("blockdev-mirror", "'device':'t2','target':'t1','sync':'full'"),
        ("block-stream", "'device':'n3'"),
        ("block-stream", "'device':'n3','base-node':'n1'"),
        ("block-stream", "'device':'n3','bottom':'n2'"),
        ("block-stream", "'device':'n2'"),
        ("block-stream", "'device':'n2','base-node':'n0'"),
        ("block-stream", "'device':'n1'"),
        ("block-commit", "'device':'n3','base-node':'n0'"),
        ("block-commit", "'device':'n3','base-node':'n2'"),
        ("block-commit", "'device':'n3','top-node':'n2','base-node':'n0'"),
        ("block-commit", "'device':'n3','top-node':'n2','base-node':'n1'"),
        ("block-commit", "'device':'n3','top-node':'n1','base-node':'n0'"),
        ("drive-backup", "'device':'n3','target':'new.img','sync':'full','format':'qcow2'"),
        ("drive-mirror", "'device':'n3','target':'new.img','sync':'full','format':'qcow2'"),
    ];

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, Jobs.Length)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_second_job_is_let_in_or_kept_out_alike(int first)
    {
        using var pair = new DaemonPair().Chain(4);
        pair.Node("t1", size: "4M");
        pair.Node("t2", size: "4M");
        pair.Export("n3");
        if (!Start(pair, "a", Jobs[first]).ContainsKey("return"))
        {
            return;
        }
        // It stays where it is: the reference's gets on by a piece whenever another comes and goes, however slow it is to be.
        _ = pair.Do("job-pause", "{'id':'a'}");
        for (var second = 0; second < Jobs.Length; second++)
        {
            var id = $"b{second}";
            if (Start(pair, id, Jobs[second]).ContainsKey("return"))
            {
                _ = pair.Do("job-cancel", $"{{'id':'{id}'}}");
                pair.WaitJob(id);
            }
            CompareGraph(pair);
        }
        _ = pair.Do("job-cancel", "{'id':'a'}");
        pair.WaitJob("a");
        CompareGraph(pair);
        pair.Quit();
    }

    private static void CompareGraph(DaemonPair pair) => _ = pair.Do("query-named-block-nodes", "{'flat':true}");

    private static System.Text.Json.Nodes.JsonObject Start(DaemonPair pair, string id, (string Command, string Arguments) job) =>
        pair.Do(job.Command, $"{{'job-id':'{id}','speed':1,'auto-finalize':false,{job.Arguments}}}");
}
