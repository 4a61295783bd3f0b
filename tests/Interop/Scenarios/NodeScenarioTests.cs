namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>Nodes beside the reference: adding, deleting, reopening, resizing, creating. Q6, Q8.</summary>
public sealed class NodeScenarioTests
{
    [Fact]
    public void Wrong_options_are_refused_alike()
    {
        using var pair = new DaemonPair();
        pair.Image("d.img");
        pair.Image("r.img", "raw");
        const string File = "'file':{'driver':'file','filename':'d.img'}";
        string[] options =
        [
            "",
            "'driver':'none'",
            "'driver':7",
            "'driver':'file'",
            "'driver':'file','filename':7",
            "'driver':'file','filename':'none.img'",
            "'driver':'file','filename':'d.img','node-name':'1x'",
            "'driver':'file','filename':'d.img','node-name':''",
            "'driver':'file','filename':'d.img','node-name':'x y'",
            $"'driver':'file','filename':'d.img','node-name':'{new string('n', 32)}'",
            "'driver':'file','filename':'d.img'",
            "'driver':'file','filename':'d.img','node-name':'n','aio':'fast'",
            "'driver':'file','filename':'d.img','node-name':'n','locking':'maybe'",
            "'driver':'file','filename':'d.img','node-name':'n','read-only':'yes'",
            "'driver':'file','filename':'d.img','node-name':'n','cache':{'direct':1}",
            "'driver':'file','filename':'d.img','node-name':'n','cache':{'writeback':true}",
            "'driver':'file','filename':'d.img','node-name':'n','discard':'sometimes'",
            "'driver':'file','filename':'d.img','node-name':'n','detect-zeroes':'unmap'",
            "'driver':'file','filename':'d.img','node-name':'n','force-share':true",
            "'driver':'file','filename':'d.img','node-name':'n','extra':1",
            "'driver':'qcow2','node-name':'n'",
            "'driver':'qcow2','node-name':'n','file':'none'",
            "'driver':'qcow2','node-name':'n','file':7",
            "'driver':'qcow2','node-name':'n','file':{'driver':'file','filename':'r.img'}",
            "'driver':'qcow2','node-name':'n','file':{'driver':'none'}",
            "'driver':'qcow2','node-name':'n','file':{'driver':'file','filename':'d.img','extra':1}",
            $"'driver':'qcow2','node-name':'n',{File},'extra':1",
            $"'driver':'qcow2','node-name':'n',{File},'backing':'none'",
            $"'driver':'qcow2','node-name':'n',{File},'l2-cache-size':-1",
            $"'driver':'qcow2','node-name':'n',{File},'l2-cache-entry-size':1000",
            $"'driver':'qcow2','node-name':'n',{File},'cache-size':65536,'l2-cache-size':131072",
            $"'driver':'qcow2','node-name':'n',{File},'overlap-check':'some'",
            $"'driver':'raw','node-name':'n',{File},'offset':-1",
            $"'driver':'raw','node-name':'n',{File},'offset':100000000",
            $"'driver':'raw','node-name':'n',{File},'size':100000000",
            $"'driver':'raw','node-name':'n',{File},'size':1000",
            "'driver':'nbd','node-name':'n'",
            "'driver':'nbd','node-name':'n','server':{'type':'unix','path':'none.sock'}",
            "'driver':'nbd','node-name':'n','server':{'type':'inet','host':'127.0.0.1'}",
            "'driver':'nbd','node-name':'n','server':{'type':'x'}",
            "'driver':'nbd','node-name':'n','server':{'type':'vsock','cid':'x','port':'1'}",
            "'driver':'nbd','node-name':'n','server':{'type':'vsock','cid':'1','port':'x'}",
            "'driver':'null-co','node-name':'n','size':9223372036854775808",
            "'driver':'null-co','node-name':'n','size':9223372036854775807",
            "'driver':'null-co','node-name':'n','size':'1k'",
            "'driver':'copy-before-write','node-name':'n','file':{'driver':'null-co'}",
        ];
        foreach (var option in options)
        {
            _ = pair.Do("blockdev-add", $"{{{option}}}");
        }
        pair.CompareState();
    }

    [Fact]
    public void Numbers_that_are_none_are_refused_alike()
    {
        using var pair = new DaemonPair();
        pair.Image("f.img", "raw", "8M");
        _ = pair.Do("blockdev-add", "{'driver':'file','node-name':'f','filename':'f.img'}");
        foreach (
            var value in (string[])["'x'", "'1'", "'4k'", "true", "null", "1.5", "-5", "[]", "18446744073709551615", "4096.0"]
        )
        {
            _ = pair.Do("blockdev-add", $"{{'driver':'raw','node-name':'r','file':'f','offset':{value}}}");
            _ = pair.Do("blockdev-add", $"{{'driver':'raw','node-name':'r','file':'f','size':{value}}}");
            _ = pair.Do("block-set-write-threshold", $"{{'node-name':'f','write-threshold':{value}}}");
        }
        _ = pair.Do("blockdev-add", "{'driver':'null-co','node-name':'n','latency-ns':-1}");
    }

    [Fact]
    public void Names_that_are_taken_and_nodes_in_use_are_refused_alike()
    {
        using var pair = new DaemonPair();
        pair.Node("d");
        pair.Image("e.img");
        _ = pair.Do("blockdev-add", "{'driver':'null-co','node-name':'d'}");
        _ = pair.Do("blockdev-add", "{'driver':'qcow2','node-name':'d','file':{'driver':'file','filename':'e.img'}}");
        _ = pair.Do(
            "blockdev-add",
            "{'driver':'qcow2','node-name':'e','file':{'driver':'file','node-name':'d','filename':'e.img'}}"
        );
        _ = pair.Do(
            "blockdev-add",
            "{'driver':'qcow2','node-name':'e','file':{'driver':'file','node-name':'e','filename':'e.img'}}"
        );
        _ = pair.Do("blockdev-add", "{'driver':'qcow2','node-name':'e','file':{'driver':'file','filename':'d.img'}}");
        _ = pair.Do("blockdev-add", "{'driver':'raw','node-name':'e','file':'d'}");
        _ = pair.Do("blockdev-add", "{'driver':'raw','node-name':'f','file':'d'}");
        _ = pair.Do("blockdev-add", "{'driver':'raw','node-name':'f','file':'d','read-only':true}");
        _ = pair.Do("blockdev-del", "{'node-name':'d'}");
        pair.CompareState();
        foreach (var name in (string[])["e", "f", "d", "none"])
        {
            _ = pair.Do("blockdev-del", $"{{'node-name':'{name}'}}");
        }
        _ = pair.Do("blockdev-del");
        pair.CompareState();
    }

    [Fact]
    public void Every_kind_of_node_is_described_alike()
    {
        using var pair = new DaemonPair();
        pair.Image("base.img");
        pair.Image("over.img", "qcow2", "", "-b", "base.img", "-F", "qcow2");
        pair.Image("raw.img", "raw", "3M");
        pair.Image("old.img", "qcow2", "5M", "-o", "compat=0.10");
        pair.Image("lazy.img", "qcow2", "5M", "-o", "lazy_refcounts=on,cluster_size=4k,refcount_bits=1");
        _ = pair.Do("blockdev-add", "{'driver':'qcow2','node-name':'over','file':{'driver':'file','filename':'over.img'}}");
        _ = pair.Do(
            "blockdev-add",
            "{'driver':'raw','node-name':'window','file':{'driver':'file','filename':'raw.img'},'offset':65536,'size':1048576}"
        );
        _ = pair.Do("blockdev-add", "{'driver':'null-co','node-name':'null','size':12345}");
        _ = pair.Do("blockdev-add", "{'driver':'null-co','node-name':'zero','size':512,'read-zeroes':true,'latency-ns':0}");
        _ = pair.Do(
            "blockdev-add",
            "{'driver':'qcow2','node-name':'old','file':{'driver':'file','filename':'old.img'},'read-only':true}"
        );
        _ = pair.Do(
            "blockdev-add",
            "{'driver':'qcow2','node-name':'lazy','file':{'driver':'file','filename':'lazy.img','node-name':'lazy-file'},'detect-zeroes':'on','discard':'unmap','cache':{'no-flush':true}}"
        );
        _ = pair.Do("blockdev-add", "{'driver':'blkdebug','node-name':'bug','image':'zero','config':'','align':512}");
        _ = pair.Do("query-named-block-nodes", "{'flat':true}");
        _ = pair.Do("query-named-block-nodes", "{'flat':false}");
        _ = pair.Do("query-named-block-nodes");
        _ = pair.Do("query-named-block-nodes", "{'flat':1}");
    }

    [Fact]
    public void Reopening_changes_or_refuses_alike()
    {
        using var pair = new DaemonPair();
        pair.Node("d");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'p','persistent':true}");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'t'}");
        const string D = "'driver':'qcow2','node-name':'d'";
        const string File = "'file':{'driver':'file','filename':'d.img'}";
        string[] options =
        [
            $"{D},{File},'read-only':true",
            $"{D},{File},'read-only':true",
            $"{D},{File}",
            $"{D},{File},'discard':'unmap'",
            $"{D},{File},'cache':{{'no-flush':true}}",
            $"{D},{File},'lazy-refcounts':true",
            $"{D},{File},'l2-cache-size':65536",
            $"{D}",
            $"{D},{File},'extra':1",
            $"{D},'file':{{'driver':'file','filename':'none.img'}}",
            $"{D},'file':'none'",
            $"{File},'driver':'raw','node-name':'d'",
            $"{File},'driver':'qcow2','node-name':'none'",
            $"{File},'driver':'qcow2'",
            $"{D},{File}",
        ];
        foreach (var option in options)
        {
            _ = pair.Do("blockdev-reopen", $"{{'options':[{{{option}}}]}}");
            pair.CompareState();
        }
        _ = pair.Do("blockdev-reopen");
        _ = pair.Do("blockdev-reopen", "{'options':[1]}");
    }

    [Theory]
    [InlineData("file", "'filename':'r.img'", "'locking':'off'", "'locking':'on'")]
    [InlineData("file", "'filename':'r.img'", "'locking':'auto'", "'locking':'off'")]
    [InlineData("file", "'filename':'r.img'", "'aio':'threads'", "'aio':'io_uring'")]
    [InlineData("file", "'filename':'r.img'", "'discard':'unmap'", "'discard':'ignore'")]
    [InlineData("file", "'filename':'r.img','read-only':true", "'force-share':true", "'force-share':false")]
    [InlineData("file", "'filename':'r.img','read-only':true", "'auto-read-only':true", "'auto-read-only':false")]
    [InlineData("null-co", "'detect-zeroes':'on'", "'size':1048576", "'size':2097152")]
    [InlineData("null-co", "'detect-zeroes':'on'", "'latency-ns':1000", "'latency-ns':2000")]
    [InlineData("null-co", "'detect-zeroes':'on'", "'read-zeroes':true", "'read-zeroes':false")]
    [InlineData("raw", "'file':'f'", "'offset':4096", "'offset':8192")]
    [InlineData("raw", "'file':'f'", "'size':65536", "'size':131072")]
    [InlineData("qcow2", "'file':'q'", "'lazy-refcounts':true", "'lazy-refcounts':false")]
    [InlineData("qcow2", "'file':'q'", "'overlap-check':'all'", "'overlap-check':{'template':'none'}")]
    [InlineData("qcow2", "'file':'q'", "'l2-cache-size':1048576", "'cache-clean-interval':7")]
    [InlineData("blkdebug", "'image':'f'", "'config':''", "'config':'x'")]
    [InlineData("blkdebug", "'image':'f'", "'align':4096", "'align':8192")]
    [InlineData("blkdebug", "'image':'f'", "'inject-error':[{'event':'read_aio'}]", "'inject-error':[{'event':'write_aio'}]")]
    [InlineData("blkdebug", "'image':'f'", "'unshare-child-perms':['resize']", "'unshare-child-perms':['write']")]
    [InlineData("preallocate", "'file':'f'", "'prealloc-align':1048576", "'prealloc-size':2097152")]
    [InlineData("copy-before-write", "'file':'f','target':'t'", "'on-cbw-error':'break-snapshot'", "'cbw-timeout':3")]
    [InlineData("copy-on-read", "'file':'f'", "'detect-zeroes':'on'", "'detect-zeroes':'off'")]
    [InlineData("compress", "'file':{'driver':'qcow2','file':'q'}", "'detect-zeroes':'on'", "'detect-zeroes':'off'")]
    public void Options_are_left_out_added_and_changed_by_reopening_alike(
        string driver,
        string fixed1,
        string option,
        string other
    )
    {
        using var pair = new DaemonPair();
        pair.Image("r.img", "raw", "8M");
        pair.Image("f.img", "raw", "8M");
        pair.Image("q.img", "qcow2", "8M");
        _ = pair.Do("blockdev-add", "{'driver':'file','node-name':'f','filename':'f.img'}");
        _ = pair.Do("blockdev-add", "{'driver':'file','node-name':'q','filename':'q.img'}");
        _ = pair.Do("blockdev-add", "{'driver':'null-co','node-name':'t','size':8388608}");
        var bare = $"{{'driver':'{driver}','node-name':'n',{fixed1}}}";
        var full = $"{{'driver':'{driver}','node-name':'n',{fixed1},{option}}}";
        var changed = $"{{'driver':'{driver}','node-name':'n',{fixed1},{other}}}";
        foreach (var (first, then) in ((string, string)[])[(full, bare), (bare, full), (full, changed), (full, full)])
        {
            _ = pair.Do("blockdev-add", first);
            _ = pair.Do("blockdev-reopen", $"{{'options':[{then}]}}");
            _ = pair.Do("query-named-block-nodes", "{'flat':true}");
            _ = pair.Do("blockdev-del", "{'node-name':'n'}");
        }
        var inline = $"{{'driver':'raw','node-name':'n','file':{full.Replace("'node-name':'n'", "'node-name':'c'")}}}";
        _ = pair.Do("blockdev-add", inline);
        _ = pair.Do("blockdev-reopen", $"{{'options':[{inline}]}}");
        _ = pair.Do("blockdev-reopen", $"{{'options':[{inline.Replace($",{option}", "")}]}}");
        _ = pair.Do("blockdev-reopen", $"{{'options':[{inline.Replace("'node-name':'c'", "'node-name':'d'")}]}}");
    }

    [Fact]
    public void A_failing_reopen_of_one_node_leaves_the_others_as_they_were()
    {
        using var pair = new DaemonPair();
        pair.Node("d");
        pair.Node("e");
        pair.Export("e");
        _ = pair.Do(
            "blockdev-reopen",
            """
            {'options':[{'driver':'qcow2','node-name':'d','read-only':true,'file':{'driver':'file','filename':'d.img'}},
            {'driver':'qcow2','node-name':'e','read-only':true,'file':{'driver':'file','filename':'e.img'}}]}
            """
        );
        pair.CompareState();
        pair.Unexport("e");
        _ = pair.Do(
            "blockdev-reopen",
            """
            {'options':[{'driver':'qcow2','node-name':'d','read-only':true,'file':{'driver':'file','filename':'d.img'}},
            {'driver':'qcow2','node-name':'e','read-only':true,'file':{'driver':'file','filename':'e.img'}}]}
            """
        );
        pair.CompareState();
    }

    [Fact]
    public void A_backing_file_is_put_below_and_taken_away_by_reopening_alike()
    {
        using var pair = new DaemonPair();
        pair.Node("base");
        pair.Image("top.img");
        _ = pair.Do(
            "blockdev-add",
            "{'driver':'qcow2','node-name':'top','file':{'driver':'file','filename':'top.img'},'backing':null}"
        );
        foreach (var backing in (string[])["'base'", "null", "'none'", "'top'", "'base'", "7"])
        {
            _ = pair.Do(
                "blockdev-reopen",
                $"{{'options':[{{'driver':'qcow2','node-name':'top','file':{{'driver':'file','filename':'top.img'}},'backing':{backing}}}]}}"
            );
            _ = pair.Do("query-named-block-nodes");
        }
    }

    [Fact]
    public void A_backing_file_may_be_copied_but_not_deleted_alike()
    {
        using var pair = new DaemonPair();
        pair.Node("base");
        pair.Node("copy");
        pair.Image("top.img");
        _ = pair.Do(
            "blockdev-add",
            "{'driver':'qcow2','node-name':'top','file':{'driver':'file','filename':'top.img'},'backing':'base'}"
        );
        _ = pair.Do("blockdev-del", "{'node-name':'base'}");
        foreach (var (source, target) in ((string, string)[])[("base", "copy"), ("copy", "base")])
        {
            _ = pair.Do("blockdev-backup", $"{{'device':'{source}','target':'{target}','sync':'full','job-id':'j'}}");
            pair.WaitJob("j");
        }
        _ = pair.Do("blockdev-del", "{'node-name':'top'}");
        _ = pair.Do("blockdev-del", "{'node-name':'base'}");
        pair.CompareState();
    }

    [Fact]
    public void Images_are_created_by_jobs_alike()
    {
        using var pair = new DaemonPair();
        Create("'driver':'file','filename':'f.img','size':0");
        Create("'driver':'file','filename':'none/f.img','size':0");
        Create("'driver':'file','filename':'g.img','size':1048576,'preallocation':'falloc'");
        _ = pair.Do("blockdev-add", "{'driver':'file','node-name':'f','filename':'f.img'}");
        Create("'driver':'qcow2','file':'f','size':67108864");
        Create("'driver':'qcow2','file':'f','size':-1");
        Create("'driver':'qcow2','file':'f','size':1000");
        Create("'driver':'qcow2','file':'f','size':67108864,'cluster-size':1000");
        Create("'driver':'qcow2','file':'f','size':67108864,'cluster-size':4194304");
        Create("'driver':'qcow2','file':'f','size':67108864,'refcount-bits':3");
        Create("'driver':'qcow2','file':'f','size':67108864,'version':'v2','lazy-refcounts':true");
        Create("'driver':'qcow2','file':'f','size':67108864,'backing-fmt':'qcow2'");
        Create("'driver':'qcow2','file':'f','size':67108864,'version':'v4'");
        Create("'driver':'qcow2','file':'none','size':67108864");
        Create("'driver':'qcow2','size':67108864");
        Create("'driver':'null-co','size':67108864");
        Create(
            "'driver':'qcow2','file':'f','size':67108864,'version':'v3','lazy-refcounts':true,'cluster-size':4096,'refcount-bits':64"
        );
        _ = pair.Do("blockdev-add", "{'driver':'qcow2','node-name':'q','file':'f'}");
        pair.CompareState();
        pair.CompareEvents();

        void Create(string options)
        {
            var reply = pair.Do("blockdev-create", $"{{'job-id':'c','options':{{{options}}}}}");
            if (reply.ContainsKey("return"))
            {
                pair.WaitJob("c", "concluded");
                _ = pair.Do("query-jobs");
                _ = pair.Do("job-dismiss", "{'id':'c'}");
            }
        }
    }

    [Fact]
    public void What_is_written_through_a_compressing_filter_is_compressed()
    {
        using var pair = new DaemonPair();
        pair.Node("d", size: "1M");
        pair.Node("r", "raw");
        _ = pair.Do("blockdev-add", "{'driver':'compress','node-name':'c','file':'r'}");
        _ = pair.Do("blockdev-add", "{'driver':'compress','node-name':'c'}");
        _ = pair.Do("blockdev-add", "{'driver':'compress','node-name':'c','file':'d'}");
        pair.Export("c");
        pair.Io("c", "write -P 1 0 64k", "write -P 2 100k 100k", "write -z 512k 64k", "read -P 2 100k 100k", "flush");
        pair.Io("c", "write -P 1 768k 1k", "read -P 1 768k 1k", "read -P 0 769k 1k", "flush");
        pair.Unexport("c");
        pair.CompareState();
        _ = pair.Do("blockdev-del", "{'node-name':'c'}");
        _ = pair.Do("blockdev-del", "{'node-name':'d'}");
        pair.ChangeImage("d.img", image => Assert.Equal(0, Tidemark.Testing.ProgramRun.Of("qemu-img", "check", image).ExitCode));
    }
}
