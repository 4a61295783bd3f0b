namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>x-blockdev-amend beside the reference: what can be changed of an image that is open is next to nothing, and how that is told.</summary>
public sealed class AmendScenarioTests
{
    [Fact]
    public void Every_request_ends_alike()
    {
        using var pair = new DaemonPair();
        pair.Node("q");
        pair.Node("r", "raw");
        _ = pair.Do("blockdev-add", "{'driver':'null-co','node-name':'n','size':65536}");
        _ = pair.Do("blockdev-add", "{'driver':'compress','node-name':'c','file':'q'}");
        (string Node, string Options)[] requests =
        [
            ("nope", "'driver':'qcow2'"),
            ("q", "'driver':'qcow2'"),
            ("q", "'driver':'raw'"),
            ("r", "'driver':'qcow2'"),
            ("r", "'driver':'raw'"),
            ("n", "'driver':'null-co'"),
            ("n", "'driver':'null-co','size':5"),
            ("c", "'driver':'compress'"),
            ("q", "'driver':'qcow2','encrypt':{'format':'luks','state':'inactive'}"),
            ("q", "'driver':'qcow2','encrypt':{'format':'luks','state':'active','new-secret':'s','keyslot':1}"),
            ("q", "'driver':'qcow2','encrypt':{'format':'luks'}"),
            ("q", "'driver':'qcow2','encrypt':{'format':'qcow'}"),
            ("q", "'driver':'qcow2','encrypt':{'format':'aes'}"),
            ("q", "'driver':'qcow2','size':5"),
            ("q", "'driver':'odd'"),
            ("q", ""),
        ];
        for (var i = 0; i < requests.Length; i++)
        {
            var (node, options) = requests[i];
            _ = pair.Do("x-blockdev-amend", $"{{'job-id':'j{i}','node-name':'{node}','options':{{{options}}}}}");
        }
        _ = pair.Do("x-blockdev-amend", "{'job-id':'j1','node-name':'q','options':{'driver':'qcow2'},'force':true}");
        _ = pair.Do("x-blockdev-amend", "{'job-id':'1','node-name':'q','options':{'driver':'qcow2'}}");
        pair.CompareState();
        pair.CompareEvents();
        pair.Quit();
    }

    [Fact]
    public void An_image_stays_as_long_as_its_job_is_not_dismissed()
    {
        using var pair = new DaemonPair();
        pair.Node("q");
        _ = pair.Do("x-blockdev-amend", "{'job-id':'j','node-name':'q','options':{'driver':'qcow2'}}");
        _ = pair.Do("job-pause", "{'id':'j'}");
        _ = pair.Do("block-job-dismiss", "{'id':'j'}");
        _ = pair.Do("blockdev-del", "{'node-name':'q'}");
        _ = pair.Do("job-dismiss", "{'id':'j'}");
        _ = pair.Do("blockdev-del", "{'node-name':'q'}");
        pair.CompareState();
        pair.CompareEvents();
    }
}
