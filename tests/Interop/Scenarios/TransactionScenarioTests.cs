namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>Transactions beside the reference: all or nothing, with the same replies. T1 to T5.</summary>
public sealed class TransactionScenarioTests
{
    [Fact]
    public void Each_bitmap_action_alone_does_what_its_command_does()
    {
        using var pair = Dirty();
        _ = pair.Transaction(Add("n"));
        _ = pair.Transaction(Verb("clear", "a"));
        _ = pair.Transaction(Verb("disable", "b"));
        _ = pair.Transaction(Verb("enable", "b"));
        _ = pair.Transaction(Merge("n", "b"));
        pair.CompareState();
        _ = pair.Transaction(Verb("remove", "n"));
        pair.CompareState();
    }

    [Theory]
    [InlineData("abort")]
    [InlineData("duplicate")]
    [InlineData("missing node")]
    [InlineData("missing bitmap")]
    [InlineData("wrong merge")]
    public void A_failing_action_undoes_all_before_it(string failure)
    {
        var failing = failure switch
        {
            "abort" => "{'type':'abort','data':{}}",
            "duplicate" => Add("a"),
            "missing node" => "{'type':'block-dirty-bitmap-clear','data':{'node':'none','name':'a'}}",
            "missing bitmap" => Verb("clear", "none"),
            _ => Merge("a", "none"),
        };
        using var pair = Dirty();
        string[][] befores =
        [
            [Add("n")],
            [Verb("clear", "a")],
            [Verb("disable", "b")],
            [Verb("enable", "off")],
            [Merge("a", "b")],
            [Verb("remove", "a")],
        ];
        foreach (var before in befores)
        {
            _ = pair.Transaction([.. before, failing]);
            pair.CompareState();
        }
        _ = pair.Transaction([.. befores.SelectMany(static before => before).SkipLast(1), failing]);
        pair.CompareState();
        _ = pair.Transaction(failing, Verb("clear", "a"));
        pair.CompareState();
    }

    [Fact]
    public void Actions_see_what_those_before_them_did()
    {
        using var pair = Dirty();
        _ = pair.Transaction(Add("sum"), Merge("sum", "a", "b"), Verb("clear", "a"), Verb("disable", "b"), Verb("remove", "off"));
        pair.CompareState();
        _ = pair.Transaction(Verb("remove", "sum"), Add("sum"));
        pair.CompareState();
        _ = pair.Transaction(Add("x"), Verb("remove", "x"), Add("x"), Verb("clear", "x"), Verb("disable", "x"));
        pair.CompareState();
        _ = pair.Transaction(Verb("remove", "a"), Verb("clear", "a"));
        pair.CompareState();
    }

    [Fact]
    public void Wrong_lists_types_and_properties_are_refused_alike()
    {
        using var pair = Dirty();
        _ = pair.Do("transaction");
        _ = pair.Do("transaction", "{'actions':[]}");
        _ = pair.Do("transaction", "{'actions':{}}");
        _ = pair.Do("transaction", "{'actions':[1]}");
        _ = pair.Do("transaction", "{'actions':[{'type':'none','data':{}}]}");
        _ = pair.Do("transaction", "{'actions':[{'type':'abort'}]}");
        _ = pair.Do("transaction", "{'actions':[{'data':{}}]}");
        _ = pair.Do("transaction", "{'actions':[{'type':'abort','data':{},'extra':1}]}");
        _ = pair.Do("transaction", "{'actions':[{'type':'block-dirty-bitmap-clear','data':{'node':'d'}}]}");
        _ = pair.Do("transaction", "{'actions':[],'properties':{'completion-mode':'sideways'}}");
        _ = pair.Do("transaction", "{'actions':[],'properties':{'completion-mode':'grouped'}}");
        _ = pair.Do("transaction", $"{{'actions':[{Verb("clear", "a")}],'properties':{{'completion-mode':'grouped'}}}}");
        _ = pair.Do("transaction", $"{{'actions':[{Add("n")}],'properties':{{'completion-mode':'individual'}}}}");
        pair.CompareState();
    }

    [Fact]
    public void Persistent_bitmaps_added_or_removed_in_a_transaction_are_stored_or_gone_alike()
    {
        using var pair = new DaemonPair();
        pair.Node("d");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'a','persistent':true}");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'b','persistent':true}");
        pair.Restart();
        pair.Add("d");
        _ = pair.Transaction(Verb("remove", "a"), "{'type':'abort','data':{}}");
        _ = pair.Transaction(
            "{'type':'block-dirty-bitmap-add','data':{'node':'d','name':'c','persistent':true}}",
            "{'type':'abort','data':{}}"
        );
        // (Not compared here: the reference has "a" off the disk until the image is closed, we never take it off.)
        _ = pair.Transaction(
            Verb("remove", "a"),
            "{'type':'block-dirty-bitmap-add','data':{'node':'d','name':'c','persistent':true}}"
        );
        pair.CompareState();
        pair.Restart();
        pair.Add("d");
        pair.CompareState();
        pair.Quit();
        pair.Judge("qemu-img", "check", "DIR/d.img");
    }

    [Fact]
    public void Anchors_and_increments_of_two_disks_begin_together()
    {
        using var pair = new DaemonPair();
        foreach (var name in (string[])["d0", "d1", "t0", "t1", "i0", "i1"])
        {
            pair.Node(name);
        }
        pair.Export("d0");
        pair.Export("d1");
        pair.Io("d0", "write 0 3M");
        _ = pair.Transaction(Add("b", "d0"), Add("b", "d1"), Backup("d0", "t0", "full"), Backup("d1", "t1", "full"));
        pair.WaitJob("d0-job");
        pair.WaitJob("d1-job");
        pair.Io("d0", "write 5M 1M");
        pair.Io("d1", "write 7M 64k");
        _ = pair.Transaction(
            Backup("d0", "i0", "incremental", ",'bitmap':'b'"),
            Backup("d1", "i1", "incremental", ",'bitmap':'b'")
        );
        pair.WaitJob("d0-job");
        pair.WaitJob("d1-job");
        pair.CompareState();
        pair.CompareEvents();
    }

    [Fact]
    public void A_job_prepared_before_a_failing_action_leaves_nothing_behind()
    {
        using var pair = Dirty();
        pair.Node("t");
        _ = pair.Transaction(Backup("d", "t", "full"), "{'type':'abort','data':{}}");
        pair.CompareState();
        _ = pair.Transaction(Verb("clear", "a"), Backup("d", "t", "incremental", ",'bitmap':'a'"), Verb("clear", "none"));
        pair.CompareState();
        _ = pair.Transaction(Add("n"), Backup("d", "none", "full"));
        pair.CompareState();
        pair.CompareEvents();
    }

    private static DaemonPair Dirty()
    {
        var pair = new DaemonPair();
        pair.Node("d");
        foreach (var name in (string[])["a", "b", "off"])
        {
            _ = pair.Do(
                "block-dirty-bitmap-add",
                $"{{'node':'d','name':'{name}','disabled':{(name == "off" ? "true" : "false")}}}"
            );
        }
        pair.Export("d");
        pair.Io("d", "write 0 1M");
        _ = pair.Do("block-dirty-bitmap-clear", "{'node':'d','name':'b'}");
        pair.Io("d", "write 4M 192k");
        pair.Unexport("d");
        return pair;
    }

    private static string Add(string name, string node = "d") =>
        $"{{'type':'block-dirty-bitmap-add','data':{{'node':'{node}','name':'{name}'}}}}";

    private static string Verb(string verb, string name) =>
        $"{{'type':'block-dirty-bitmap-{verb}','data':{{'node':'d','name':'{name}'}}}}";

    private static string Merge(string target, params string[] sources) =>
        $"{{'type':'block-dirty-bitmap-merge','data':{{'node':'d','target':'{target}','bitmaps':[{string.Join(',', sources.Select(static s => $"'{s}'"))}]}}}}";

    private static string Backup(string device, string target, string sync, string more = "") =>
        $"{{'type':'blockdev-backup','data':{{'job-id':'{device}-job','device':'{device}','target':'{target}','sync':'{sync}'{more}}}}}";

    [Fact]
    public void Internal_snapshots_are_taken_refused_and_undone_alike()
    {
        const string Take = "blockdev-snapshot-internal-sync";
        const string Delete = "blockdev-snapshot-delete-internal-sync";
        using var pair = new DaemonPair();
        pair.Node("d", size: "1M");
        pair.Node("r", "raw", "1M");
        string[] wrong =
        [
            "{}",
            "{'device':'d'}",
            "{'name':'a'}",
            "{'device':'none','name':'a'}",
            "{'device':'r','name':'a'}",
            "{'device':'d','name':''}",
            "{'device':'d','name':7}",
            "{'device':'d','name':'a','extra':1}",
        ];
        foreach (var arguments in wrong)
        {
            _ = pair.Do(Take, arguments);
            _ = pair.Do(Delete, arguments.Replace("'name'", "'id'", StringComparison.Ordinal));
        }
        _ = pair.Do(Take, "{'device':'d','name':'a'}");
        _ = pair.Do(Take, "{'device':'d','name':'a'}");
        _ = pair.Do(Delete, "{'device':'d','name':'b'}");
        _ = pair.Do(Delete, "{'device':'d','id':'2','name':'a'}");
        _ = pair.Transaction(One("t"), One("t"));
        _ = pair.Transaction(One("t"), "{'type':'abort','data':{}}");
        _ = pair.Transaction(One("t"), One("u"));
        _ = pair.Do("transaction", $"{{'actions':[{One("v")}],'properties':{{'completion-mode':'grouped'}}}}");
        _ = pair.Do("blockdev-del", "{'node-name':'d'}");
        var lists = new List<string>();
        pair.ChangeImage(
            "d.img",
            image =>
            {
                Assert.Equal(0, Tidemark.Testing.ProgramRun.Of("qemu-img", "check", image).ExitCode);
                var list = Tidemark.Testing.ProgramRun.Of("qemu-img", "snapshot", "-l", image).MustSucceed().Output;
                lists.Add(string.Join('\n', list.Split('\n').Select(static line => line.Length > 30 ? line[..30] : line)));
            }
        );
        Assert.Equal(lists[0], lists[1]);
        Assert.Equal(5, lists[0].Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        static string One(string name) => $"{{'type':'{Take}','data':{{'device':'d','name':'{name}'}}}}";
    }
}
