namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>NBD server and exports beside the reference: replies, events, what clients see. Q9, N1 to N6.</summary>
public sealed class ExportScenarioTests
{
    private const string Start = "{'addr':{'type':'unix','data':{'path':'nbd'}}}";

    private static string Inet(string address) => $"{{'addr':{{'type':'inet','data':{{{address}}}}}}}";

    [Theory]
    [InlineData("{'driver':'raw','file':'bottom'}")]
    [InlineData("{'driver':'throttle','throttle-group':'g','file':'bottom'}")]
    [InlineData("{'driver':'copy-on-read','file':'bottom'}")]
    [InlineData("{'driver':'copy-before-write','file':'bottom','target':'t'}")]
    [InlineData("{'driver':'blkdebug','image':'bottom','align':512}")]
    public void Who_comes_through_a_node_need_not_keep_to_the_blocks_of_the_one_below(string node)
    {
        using var pair = new DaemonPair();
        pair.Image("a.img", "raw", "8M");
        pair.Node("t", size: "8M");
        _ = pair.Do("object-add", "{'qom-type':'throttle-group','id':'g'}");
        _ = pair.Do(
            "blockdev-add",
            "{'driver':'blkdebug','node-name':'bottom','image':{'driver':'file','filename':'a.img'},'align':4096}"
        );
        _ = pair.Do("blockdev-add", node.Insert(1, "'node-name':'top',"));
        pair.Export("top");
        pair.Judge("sh", "-c", "nbdinfo 'nbd+unix:///top?socket=DIR/nbd' | grep block_size");
        pair.Io("top", "write -P 7 777777 3333", "read -P 7 777777 3333");
        pair.Judge("sh", "-c", "qemu-img convert -O raw 'nbd+unix:///top?socket=DIR/nbd' DIR/copy && sha256sum < DIR/copy");
    }

    [Fact]
    public void The_server_starts_once_and_answers_wrong_addresses_alike()
    {
        using var pair = new DaemonPair();
        string[] wrong =
        [
            "{}",
            "{'addr':7}",
            "{'addr':{}}",
            "{'addr':{'type':'none','data':{}}}",
            "{'addr':{'type':'unix'}}",
            "{'addr':{'type':'unix','data':{}}}",
            "{'addr':{'type':'unix','path':'nbd'}}",
            "{'addr':{'type':'unix','data':{'path':'none/nbd'}}}",
            "{'addr':{'type':'inet','data':{'host':'127.0.0.1'}}}",
            "{'addr':{'type':'inet','data':{'port':'0'}}}",
            Inet("'host':'127.0.0.1','port':'x'"),
            Inet("'host':'127.0.0.1','port':'0','to':70000"),
            Inet("'host':'127.0.0.1','port':'0','to':-1"),
            Inet("'host':'127.0.0.1','port':'0','ipv6':true"),
            Inet("'host':'127.0.0.1','port':'0','ipv4':false"),
            Inet("'host':'','port':'0','ipv4':false,'ipv6':false"),
            Inet("'host':'localhost','port':'0','numeric':true"),
            Inet("'host':'no.such.host.invalid','port':'0'"),
            Inet("'host':'192.0.2.1','port':'0','to':3"),
            Inet("'host':'127.0.0.1','port':'0','keep-alive':7"),
            "{'addr':{'type':'fd','data':{'str':'none'}}}",
            "{'addr':{'type':'vsock','data':{'cid':'2'}}}",
            "{'addr':{'type':'vsock','data':{'cid':'x','port':'1'}}}",
            "{'addr':{'type':'vsock','data':{'cid':'2','port':'x'}}}",
            "{'addr':{'type':'vsock','data':{'cid':'2','port':'70777'}}}",
            "{'addr':{'type':'fd','data':{'str':'77'}}}",
            "{'addr':{'type':'unix','data':{'path':'nbd'}},'max-connections':-1}",
            "{'addr':{'type':'unix','data':{'path':'nbd'}},'tls-creds':'none'}",
            "{'addr':{'type':'unix','data':{'path':'nbd'}},'extra':1}",
        ];
        foreach (var arguments in wrong)
        {
            _ = pair.Do("nbd-server-start", arguments);
        }
        _ = pair.Do("object-add", "{'qom-type':'secret','id':'s','data':'x'}");
        _ = pair.Do("nbd-server-start", "{'addr':{'type':'unix','data':{'path':'nbd'}},'tls-creds':'s'}");
        _ = pair.Do("nbd-server-stop");
        _ = pair.Do("nbd-server-start", Start);
        _ = pair.Do("nbd-server-start", Start);
        _ = pair.Do("nbd-server-stop");
        _ = pair.Do("nbd-server-stop");
        pair.CompareEvents();
    }

    [Fact]
    public void What_is_wrong_with_an_export_is_told_before_the_missing_server()
    {
        using var pair = new DaemonPair();
        pair.Image("f.img", "raw", "8M");
        _ = pair.Do("blockdev-add", "{'driver':'file','node-name':'f','filename':'f.img','read-only':true}");
        string[] options =
        [
            "'id':'e','node-name':'none'",
            "'id':'!e','node-name':'none'",
            "'id':'e','node-name':'f','writable':true",
            "'id':'e','node-name':'f'",
            "'id':'e','node-name':'f','bitmaps':['x']",
            "'id':'e','node-name':'f','iothread':'none'",
        ];
        foreach (var option in options)
        {
            _ = pair.Do("block-export-add", $"{{'type':'nbd',{option}}}");
        }
        _ = pair.Do("nbd-server-add", "{'device':'f'}");
        _ = pair.Do("nbd-server-add", "{'device':'none'}");
    }

    [Theory]
    [InlineData("'host':'127.0.0.1'")]
    [InlineData("'host':'127.0.0.1','to':5")]
    [InlineData("'host':'localhost','ipv4':true")]
    [InlineData("'host':'','ipv4':true")]
    [InlineData("'host':''")]
    [InlineData("'host':'127.0.0.1','numeric':true,'keep-alive':true")]
    [InlineData("'host':'0.0.0.0','ipv4':true,'ipv6':true")]
    public void Every_way_to_write_an_address_that_the_reference_takes_is_taken(string address)
    {
        using var pair = new DaemonPair();
        _ = pair.Do("nbd-server-start", Inet($"{address},'port':'0'"));
        _ = pair.Do("nbd-server-stop");
    }

    [Theory]
    [InlineData("")]
    [InlineData(",'abstract':false,'tight':true")]
    [InlineData(",'tight':false")]
    public void A_path_is_taken_with_every_option_that_goes_with_it(string options)
    {
        using var pair = new DaemonPair();
        _ = pair.Do("nbd-server-start", $"{{'addr':{{'type':'unix','data':{{'path':'nbd'{options}}}}}}}");
        _ = pair.Do("nbd-server-stop");
    }

    [Fact]
    public void A_taken_port_is_told_and_a_range_of_ports_leads_around_it()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        using var pair = new DaemonPair();
        _ = pair.Do("nbd-server-start", Inet($"'host':'127.0.0.1','port':'{port}'"));
        _ = pair.Do("nbd-server-start", Inet($"'host':'127.0.0.1','port':'{port}','to':{Math.Min(port + 20, 65535)}"));
    }

    [Fact]
    public void Exports_are_added_refused_and_deleted_alike()
    {
        using var pair = new DaemonPair();
        pair.Node("d");
        pair.Node("ro", options: ",'read-only':true");
        pair.Node("e");
        _ = pair.Do("block-export-add", "{'id':'x','type':'nbd','node-name':'d'}");
        _ = pair.Do("nbd-server-start", Start);
        string[] exports =
        [
            "'type':'nbd','node-name':'d'",
            "'id':'x','node-name':'d'",
            "'id':'x','type':'none','node-name':'d'",
            "'id':'x','type':'nbd'",
            "'id':'1x','type':'nbd','node-name':'d'",
            "'id':'','type':'nbd','node-name':'d'",
            "'id':'x','type':'nbd','node-name':'none'",
            "'id':'x','type':'nbd','node-name':'ro','writable':true",
            "'id':'x','type':'nbd','node-name':'d','iothread':'none'",
            "'id':'x','type':'nbd','node-name':'d','extra':1",
            "'id':'x','type':'nbd','node-name':'d','bitmaps':['none']",
            "'id':'x','type':'nbd','node-name':'d','bitmaps':[{'node':'e','name':'none'}]",
            "'id':'x','type':'nbd','node-name':'d','bitmaps':[{'node':'none','name':'none'}]",
            $"'id':'x','type':'nbd','node-name':'d','name':'{new string('n', 4097)}'",
            $"'id':'x','type':'nbd','node-name':'d','description':'{new string('n', 4097)}'",
            "'id':'x','type':'nbd','node-name':'d'",
            "'id':'x','type':'nbd','node-name':'e'",
            "'id':'y','type':'nbd','node-name':'d'",
            "'id':'y','type':'nbd','node-name':'d','name':'other','allocation-depth':true,'writethrough':true",
            "'id':'z','type':'nbd','node-name':'ro','name':''",
        ];
        foreach (var export in exports)
        {
            _ = pair.Do("block-export-add", $"{{{export}}}");
        }
        pair.CompareState();
        _ = pair.Do("blockdev-del", "{'node-name':'d'}");
        _ = pair.Do("block-export-del", "{'id':'none'}");
        _ = pair.Do("block-export-del", "{'id':'x','mode':'gently'}");
        _ = pair.Do("block-export-del", "{'id':'x'}");
        _ = pair.Do("block-export-del", "{'id':'y','mode':'hard'}");
        pair.CompareState();
        _ = pair.Do("nbd-server-stop");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Fact]
    public void An_export_may_name_a_thread_but_nothing_else()
    {
        using var pair = new DaemonPair();
        _ = pair.Do("object-add", "{'qom-type':'iothread','id':'t'}");
        _ = pair.Do("object-add", "{'qom-type':'secret','id':'s','data':'x'}");
        _ = pair.Do("blockdev-add", "{'driver':'null-co','node-name':'n'}");
        _ = pair.Do("nbd-server-start", Start);
        _ = pair.Do("block-export-add", "{'id':'e','type':'nbd','node-name':'n','iothread':'s'}");
        _ = pair.Do("block-export-add", "{'id':'e','type':'nbd','node-name':'n','iothread':'t'}");
        // (The reference lets the thread be deleted now, and may die of it.)
        _ = pair.Do("block-export-del", "{'id':'e'}");
        _ = pair.Do("object-del", "{'id':'t'}");
        _ = pair.Do("object-del", "{'id':'t'}");
        pair.CompareEvents();
    }

    [Fact]
    public void The_older_commands_work_alike()
    {
        using var pair = new DaemonPair();
        pair.Node("d");
        pair.Node("ro", options: ",'read-only':true");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'b','disabled':true}");
        _ = pair.Do("nbd-server-add", "{'device':'d'}");
        _ = pair.Do("nbd-server-start", Start);
        _ = pair.Do("nbd-server-add", "{'device':'none'}");
        _ = pair.Do("nbd-server-add", "{'device':'d','bitmap':'none'}");
        _ = pair.Do("nbd-server-add", "{'device':'d','bitmap':'b'}");
        _ = pair.Do("nbd-server-add", "{'device':'d'}");
        _ = pair.Do("nbd-server-add", "{'device':'d','name':'again','writable':true,'description':'a disk'}");
        _ = pair.Do("nbd-server-add", "{'device':'ro','writable':true}");
        pair.CompareState();
        _ = pair.Do("nbd-server-remove", "{'name':'none'}");
        _ = pair.Do("nbd-server-remove", "{'name':'d'}");
        _ = pair.Do("nbd-server-remove", "{'name':'again','mode':'hard'}");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Fact]
    public void Exported_bitmaps_are_busy_and_show_clients_the_same_map()
    {
        using var pair = new DaemonPair();
        pair.Node("d");
        foreach (var (name, disabled) in (ReadOnlySpan<(string, string)>)[("on", "false"), ("off", "false")])
        {
            _ = pair.Do("block-dirty-bitmap-add", $"{{'node':'d','name':'{name}','disabled':{disabled}}}");
        }
        pair.Export("d");
        pair.Io("d", "write 0 1M", "write 5M 100", "write -z 9M 64k");
        _ = pair.Do("block-dirty-bitmap-disable", "{'node':'d','name':'off'}");
        pair.Unexport("d");
        _ = pair.Do("block-export-add", "{'id':'e','type':'nbd','node-name':'d','bitmaps':['on']}");
        _ = pair.Do("block-export-add", "{'id':'g','type':'nbd','node-name':'d','name':'g','bitmaps':['off','off']}");
        _ = pair.Do("block-export-del", "{'id':'g'}");
        _ = pair.Do(
            "block-export-add",
            "{'id':'e','type':'nbd','node-name':'d','writable':true,'bitmaps':['off',{'node':'d','name':'on'}]}"
        );
        _ = pair.Do("block-export-add", "{'id':'f','type':'nbd','node-name':'d','name':'f','bitmaps':['off']}");
        pair.CompareState();
        foreach (var verb in (string[])["remove", "clear", "enable", "disable"])
        {
            _ = pair.Do($"block-dirty-bitmap-{verb}", "{'node':'d','name':'off'}");
        }
        pair.Io("d", "write 12M 64k");
        pair.Judge("nbdinfo", "--json", "--map=qemu:dirty-bitmap:on", "nbd+unix:///d?socket=DIR/nbd");
        pair.Judge("nbdinfo", "--json", "--map=qemu:dirty-bitmap:off", "nbd+unix:///d?socket=DIR/nbd");
        pair.Judge("nbdinfo", "--list", "nbd+unix:///?socket=DIR/nbd");
        _ = pair.Do("block-export-del", "{'id':'e'}");
        pair.CompareState();
    }
}
