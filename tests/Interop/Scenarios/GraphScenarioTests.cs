namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>Commands that look at the graph or change a single thing in it, beside the reference.</summary>
public sealed class GraphScenarioTests
{
    [Fact]
    public void Backing_file_names_are_changed_alike()
    {
        using var pair = new DaemonPair().Chain(3);
        _ = pair.Do("blockdev-add", "{'driver':'null-co','node-name':'null','size':4194304}");
        string[] arguments =
        [
            "",
            "'device':'x','image-node-name':'n1','backing-file':'f'",
            "'device':'n2','image-node-name':'zz','backing-file':'f'",
            "'device':'n1','image-node-name':'n0','backing-file':'f'",
            "'device':'n2','image-node-name':'n0','backing-file':'f'",
            "'device':'null','image-node-name':'null','backing-file':'f'",
            "'device':'null','image-node-name':'n1','backing-file':'f'",
            "'device':'n2','image-node-name':'n2','backing-file':''",
            "'device':'n2','image-node-name':'n2','backing-file':'elsewhere.img'",
            "'device':'n2','image-node-name':'n1','backing-file':'other.img'",
            $"'device':'n2','image-node-name':'n2','backing-file':'{new string('a', 1023)}'",
            $"'device':'n2','image-node-name':'n2','backing-file':'{new string('a', 1024)}'",
            "'device':'n2','image-node-name':'n2','backing-file':'1.img'",
        ];
        foreach (var some in arguments)
        {
            _ = pair.Do("change-backing-file", $"{{{some}}}");
            pair.CompareState();
        }
        _ = pair.Do("change-backing-file", "{'device':'n2','image-node-name':'n1','backing-file':'0.img'}");
        pair.Quit();
        pair.JudgeChain(3);
    }

    [Fact]
    public void A_write_beyond_the_threshold_is_told_of_once_alike()
    {
        using var pair = new DaemonPair().Chain(2);
        pair.Export("n1");
        _ = pair.Do("block-set-write-threshold");
        _ = pair.Do("block-set-write-threshold", "{'node-name':'zz','write-threshold':5}");
        _ = pair.Do("block-set-write-threshold", "{'node-name':'n1','write-threshold':'x'}");
        foreach (var threshold in (string[])["-1", "18446744073709551615", "0", "1048576"])
        {
            _ = pair.Do("block-set-write-threshold", $"{{'node-name':'n1','write-threshold':{threshold}}}");
            pair.CompareState();
        }
        pair.Io("n1", "write 0 1M", "write 512k 64k");
        pair.CompareState();
        pair.Io("n1", "write 768k 512k", "write 2M 64k");
        pair.CompareState();
        _ = pair.Do("block-set-write-threshold", "{'node-name':'n1','write-threshold':1048576}");
        pair.Io("n1", "discard 3M 64k");
        pair.CompareState();
        pair.Io("n1", "write -z 2M 128k");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Fact]
    public void Only_what_can_have_other_children_takes_them()
    {
        using var pair = new DaemonPair().Chain(2);
        string[] arguments =
        [
            "",
            "'parent':'n1'",
            "'parent':'n1','node':'n0'",
            "'parent':'n1','node':'zz'",
            "'parent':'n1','child':'file'",
            "'parent':'n1','child':'children.0'",
            "'parent':'n1','child':'file','node':'n0'",
            "'parent':'zz','node':'n0'",
        ];
        foreach (var some in arguments)
        {
            _ = pair.Do("x-blockdev-change", $"{{{some}}}");
        }
    }

    [Fact]
    public void The_graph_and_its_permissions_are_the_same_with_and_without_jobs()
    {
        using var pair = new DaemonPair().Chain(5);
        Look();
        pair.Export("n4");
        _ = pair.Do("blockdev-add", "{'driver':'null-co','node-name':'null','size':4194304}");
        Look();
        _ = pair.Do("block-stream", "{'job-id':'s','device':'n4','base-node':'n2','auto-finalize':false}");
        pair.WaitJob("s", "pending");
        Look();
        _ = pair.Do("job-finalize", "{'id':'s'}");
        pair.WaitJob("s");
        Look();
        _ = pair.Do("block-commit", "{'job-id':'c','device':'n4','top-node':'n2','base-node':'n1','auto-finalize':false}");
        pair.WaitJob("c", "pending");
        Look();
        _ = pair.Do("blockdev-backup", "{'job-id':'b','device':'n0','target':'null','sync':'none'}");
        Look();
        _ = pair.Do("job-finalize", "{'id':'c'}");
        pair.WaitJob("c");
        Look();

        void Look() => _ = pair.Do("x-debug-query-block-graph");
    }
}
