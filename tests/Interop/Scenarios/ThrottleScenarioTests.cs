namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>Throttle groups, their nodes, and the object model that changes them, beside the reference. Never wall time.</summary>
public sealed class ThrottleScenarioTests
{
    private static readonly string[] PropertyChanges =
    [
        "'io','property':'poll-max-ns','value':5",
        "'io','property':'poll-max-ns','value':-5",
        "'io','property':'poll-max-ns','value':'5'",
        "'io','property':'poll-grow','value':3",
        "'io','property':'poll-shrink','value':3",
        "'io','property':'aio-max-batch','value':2",
        "'io','property':'thread-pool-max','value':80",
        "'io','property':'thread-pool-min','value':70",
        "'io','property':'type','value':'x'",
        "'io','property':'none','value':1",
        "'io','property':'poll-max-ns'",
        "'se','property':'data','value':'x'",
        "'se','property':'format','value':'base64'",
        "'se','property':'format','value':'x'",
        "'se','property':'loaded','value':true",
        "'se','property':'keyid','value':'k'",
        "'tg','property':'x-iops-total','value':5",
        "'tg','property':'x-iops-total','value':'5'",
        "'tg','property':'limits','value':null",
        "'tg','property':'limits','value':{}",
        "'tg','property':'limits','value':{'iops-total':'7'}",
        "'tg','property':'limits','value':{'iops-read':7}",
        "'tg','property':'limits','value':{'iops-total':0,'iops-read':7}",
        "'tg','property':'limits','value':{'bps-total':200,'bps-total-max':1000,'bps-total-max-length':7}",
        "'tg','property':'limits','value':{'bps-total-max':0}",
        "'/objects','property':'tg','value':1",
        "'/objects','property':'none','value':1",
        "'none','property':'none','value':1",
    ];

    [Fact]
    public void Bounds_are_taken_and_refused_alike()
    {
        using var pair = new DaemonPair();
        string[] options =
        [
            "",
            "'limits':{}",
            "'limits':7",
            "'limits':{'none':1}",
            "'limits':{'iops-total':'1'}",
            "'limits':{'bps-total':-5}",
            "'limits':{'bps-total':1000000000000000}",
            "'limits':{'bps-total':1000000000000001}",
            "'limits':{'bps-total':5,'bps-read':4}",
            "'limits':{'bps-total':5,'iops-read':4}",
            "'limits':{'bps-total':5,'bps-total-max':9,'bps-write':4}",
            "'limits':{'bps-total-max':9,'bps-write-max':4}",
            "'limits':{'iops-size':5}",
            "'limits':{'iops-size':5,'iops-write':6}",
            "'limits':{'iops-size':-5,'iops-write':6}",
            "'limits':{'bps-total-max':5}",
            "'limits':{'bps-total':5,'bps-total-max':4}",
            "'limits':{'bps-total':5,'bps-total-max':6,'bps-total-max-length':0}",
            "'limits':{'bps-total':5,'bps-total-max-length':0}",
            "'limits':{'bps-total':5,'bps-total-max-length':3}",
            "'limits':{'bps-total':5,'bps-total-max-length':-1}",
            "'limits':{'bps-total':5,'bps-total-max':6,'bps-total-max-length':-1}",
            "'limits':{'bps-total':5,'bps-total-max-length':4294967296}",
            "'limits':{'bps-total':5,'bps-total-max':100000000000000,'bps-total-max-length':10}",
            "'limits':{'bps-total':5,'bps-total-max':100000000000000,'bps-total-max-length':11}",
            "'x-bps-total':5",
            "'x-bps-total':-5",
            "'x-bps-total':5,'x-bps-read':5",
            "'x-bps-total':5,'limits':{'iops-total':9}",
            "'x-bps-total':5,'limits':{'bps-total':9}",
            "'x-bps-total-max-length':0",
            "'x-bps-total-max-length':4294967296",
            "'x-bps-total':1,'x-bps-total-max':2,'x-bps-total-max-length':3",
            "'x-iops-size':-1",
            "'x-iops-size':4096,'x-iops-read':1",
            "'x-none':4096",
        ];
        for (var i = 0; i < options.Length; i++)
        {
            var more = options[i].Length > 0 ? "," + options[i] : "";
            _ = pair.Do("object-add", $"{{'qom-type':'throttle-group','id':'g{i}'{more}}}");
            _ = pair.Do("qom-get", $"{{'path':'g{i}','property':'limits'}}");
            _ = pair.Do("qom-get", $"{{'path':'/objects/g{i}','property':'x-bps-total'}}");
        }
        _ = pair.Do("object-add", "{'qom-type':'throttle-group','id':'g0'}");
        _ = pair.Do("object-add", "{'qom-type':'throttle-group','id':'1'}");
        _ = pair.Do("object-add", "{'qom-type':'throttle-group'}");
        _ = pair.Do("object-del", "{'id':'g0'}");
        _ = pair.Do("object-del", "{'id':'g0'}");
    }

    [Fact]
    public void Nodes_join_and_leave_groups_alike()
    {
        using var pair = new DaemonPair();
        _ = pair.Do("object-add", "{'qom-type':'throttle-group','id':'a','limits':{'iops-total':100000}}");
        _ = pair.Do("object-add", "{'qom-type':'throttle-group','id':'b'}");
        pair.Node("d");
        string[] nodes =
        [
            "",
            "'throttle-group':'a'",
            "'file':'d'",
            "'file':'none','throttle-group':'none'",
            "'file':'d','throttle-group':'none'",
            "'file':'d','throttle-group':7",
            "'file':'d','throttle-group':'a','iops-total':7",
            "'file':'d','throttle-group':'a'",
        ];
        foreach (var node in nodes)
        {
            _ = pair.Do("blockdev-add", $"{{'driver':'throttle','node-name':'t'{(node.Length > 0 ? "," + node : "")}}}");
        }
        pair.CompareState();
        _ = pair.Do("object-del", "{'id':'a'}");
        _ = pair.Do("object-del", "{'id':'b'}");
        _ = pair.Do("object-add", "{'qom-type':'throttle-group','id':'b'}");
        pair.Export("t");
        pair.Io("t", "write -P 1 0 64k", "write -z 64k 64k", "discard 0 64k", "flush", "read -P 0 64k 64k");
        _ = pair.Do("block_resize", "{'node-name':'t','size':134217728}");
        _ = pair.Do("blockdev-reopen", "{'options':[{'driver':'throttle','node-name':'t','file':'d','throttle-group':'none'}]}");
        _ = pair.Do("blockdev-reopen", "{'options':[{'driver':'throttle','node-name':'t','file':'d','throttle-group':'b'}]}");
        _ = pair.Do("blockdev-reopen", "{'options':[{'driver':'throttle','node-name':'t','file':'d'}]}");
        pair.CompareState();
        _ = pair.Do("object-del", "{'id':'a'}");
        _ = pair.Do("object-del", "{'id':'b'}");
        pair.Unexport("t");
        _ = pair.Do("block_resize", "{'node-name':'t','size':134217728}");
        _ = pair.Do("blockdev-del", "{'node-name':'t'}");
        _ = pair.Do("object-del", "{'id':'b'}");
        pair.CompareState();
        pair.Quit();
    }

    [Fact]
    public void Objects_show_and_take_their_properties_alike()
    {
        using var pair = new DaemonPair();
        // The reference's containers show its character devices too; ours has none there.
        _ = pair.Do("qom-get", "{'path':'/','property':'type'}");
        _ = pair.Do("qom-get", "{'path':'/','property':'objects'}");
        _ = pair.Do("qom-list", "{'path':''}");
        _ = pair.Do("qom-list", "{'path':'/objects'}");
        _ = pair.Do("object-add", "{'qom-type':'throttle-group','id':'tg','limits':{'iops-total':100}}");
        _ = pair.Do("qom-list", "{'path':'/objects'}");
        _ = pair.Do("object-add", "{'qom-type':'iothread','id':'io'}");
        _ = pair.Do("object-add", "{'qom-type':'secret','id':'se','data':'hi'}");
        // Several objects come in the order of the reference's hash table: one at a time.
        foreach (var path in (string[])["/objects/", "tg", "/objects/tg", "objects/tg", "/tg", "io", "se", "none", "/none"])
        {
            if (path != "/objects/")
            {
                _ = pair.Do("qom-list", $"{{'path':'{path}'}}");
            }
            foreach (var property in (string[])["type", "tg", "limits", "none", "data", "poll-max-ns", "thread-pool-max"])
            {
                _ = pair.Do("qom-get", $"{{'path':'{path}','property':'{property}'}}");
            }
        }
        foreach (var change in PropertyChanges)
        {
            _ = pair.Do("qom-set", $"{{'path':{change}}}");
            _ = pair.Do("qom-get", "{'path':'tg','property':'limits'}");
            _ = pair.Do("qom-get", "{'path':'io','property':'poll-max-ns'}");
            _ = pair.Do("qom-get", "{'path':'se','property':'data'}");
        }
        foreach (
            var type in (string[])
                ["throttle-group", "iothread", "secret", "container", "object", "event-loop-base", "secret_common", "none"]
        )
        {
            _ = pair.Do("qom-list-properties", $"{{'typename':'{type}'}}");
        }
        _ = pair.Do("qom-list-types", "{'implements':'throttle-group'}");
        _ = pair.Do("qom-list-types", "{'implements':'none','abstract':true}");
        foreach (var id in (string[])["tg", "io", "se"])
        {
            _ = pair.Do("object-del", $"{{'id':'{id}'}}");
        }
        _ = pair.Do("qom-list", "{'path':'/objects'}");
        _ = pair.Do("qom-list", "{'path':''}");
    }
}
