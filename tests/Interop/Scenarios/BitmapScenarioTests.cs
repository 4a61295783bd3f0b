namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>Bitmap commands beside the reference: what they answer, and what is recorded afterwards. B1 to B9, Q1.</summary>
public sealed class BitmapScenarioTests
{
    [Fact]
    public void Adding_answers_alike_for_every_granularity_and_name()
    {
        using var pair = new DaemonPair();
        pair.Node("d");
        foreach (var granularity in (string[])["0", "256", "512", "1000", "65536", "2147483648", "4294967296", "-1", "'x'"])
        {
            _ = pair.Do(
                "block-dirty-bitmap-add",
                $"{{'node':'d','name':'g{granularity.Trim('\'')}','granularity':{granularity}}}"
            );
            _ = pair.Do(
                "block-dirty-bitmap-add",
                $"{{'node':'d','name':'p{granularity.Trim('\'')}','granularity':{granularity},'persistent':true}}"
            );
        }
        foreach (var name in (string[])["", "ä", "a b", "x\\u0000y", new string('n', 1023), new string('n', 1024)])
        {
            // A transient bitmap's name may be of any length with us (B3).
            if (name.Length is > 0 and < 1024)
            {
                _ = pair.Do("block-dirty-bitmap-add", $"{{'node':'d','name':'{name}'}}");
            }
            _ = pair.Do("block-dirty-bitmap-add", $"{{'node':'d','name':'{name}','persistent':true}}");
        }
        pair.CompareState();
    }

    [Theory]
    [InlineData("raw")]
    [InlineData("qcow2")]
    public void Default_granularity_and_persistence_follow_the_format(string format)
    {
        using var pair = new DaemonPair();
        pair.Node("d", format, "3G");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'t'}");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'p','persistent':true}");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'p','persistent':true,'disabled':true}");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'q','disabled':true}");
        pair.CompareState();
    }

    [Fact]
    public void Missing_nodes_bitmaps_and_arguments_are_refused_alike()
    {
        using var pair = new DaemonPair();
        pair.Node("d");
        foreach (var verb in (string[])["add", "remove", "clear", "enable", "disable", "merge"])
        {
            var command = $"block-dirty-bitmap-{verb}";
            _ = pair.Do(command);
            _ = pair.Do(command, "{'node':'none','name':'b'}");
            _ = pair.Do(command, "{'node':'d','name':'none','extra':1}");
            _ = pair.Do(command, "{'node':1,'name':'b'}");
            _ = pair.Do(command, "{'node':'d'}");
            if (verb is not ("add" or "merge"))
            {
                _ = pair.Do(command, "{'node':'d','name':'none'}");
            }
        }
        _ = pair.Do("block-dirty-bitmap-merge", "{'node':'d','target':'none','bitmaps':['b']}");
        _ = pair.Do("block-dirty-bitmap-merge", "{'node':'none','target':'none','bitmaps':['b']}");
        _ = pair.Do("x-debug-block-dirty-bitmap-sha256", "{'node':'d','name':'none'}");
        pair.CompareState();
    }

    [Fact]
    public void Recorded_are_the_same_granules_whatever_the_guest_does()
    {
        using var pair = new DaemonPair();
        pair.Node("d", "qcow2", "16777728", ",'discard':'unmap'");
        foreach (var granularity in (int[])[512, 4096, 65536, 1048576])
        {
            _ = pair.Do("block-dirty-bitmap-add", $"{{'node':'d','name':'b{granularity}','granularity':{granularity}}}");
        }
        pair.Export("d");
        pair.Io("d", "write -P 1 0 512", "write -P 2 65000 1000", "write -z 1M 128k", "write -z -u 3M 64k");
        pair.CompareState();
        pair.Io("d", "discard 5M 1M", "read 6M 1M", "flush", "write -P 3 16777216 512", "write -P 4 16777215 2");
        pair.CompareState();
        _ = pair.Do("block-dirty-bitmap-disable", "{'node':'d','name':'b4096'}");
        pair.Io("d", "write -P 5 8M 100");
        _ = pair.Do("block-dirty-bitmap-enable", "{'node':'d','name':'b4096'}");
        _ = pair.Do("block-dirty-bitmap-clear", "{'node':'d','name':'b512'}");
        pair.Io("d", "write -P 6 9M 100");
        pair.CompareState();
    }

    [Fact]
    public void Merging_widens_splits_and_refuses_alike()
    {
        using var pair = new DaemonPair();
        pair.Node("d");
        pair.Node("e");
        pair.Node("small", size: "1M");
        foreach (var (name, granularity) in (ReadOnlySpan<(string, int)>)[("fine", 512), ("usual", 65536), ("coarse", 1 << 20)])
        {
            _ = pair.Do("block-dirty-bitmap-add", $"{{'node':'d','name':'{name}','granularity':{granularity}}}");
            _ = pair.Do(
                "block-dirty-bitmap-add",
                $"{{'node':'d','name':'to-{name}','granularity':{granularity},'disabled':true}}"
            );
        }
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'e','name':'other'}");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'small','name':'s'}");
        pair.Export("d");
        pair.Io("d", "write 0 512", "write 1000000 3", "write 63M 1M");
        foreach (var target in (string[])["to-fine", "to-usual", "to-coarse"])
        {
            foreach (var source in (string[])["fine", "usual", "coarse"])
            {
                _ = pair.Do("block-dirty-bitmap-clear", $"{{'node':'d','name':'{target}'}}");
                _ = pair.Do("block-dirty-bitmap-merge", $"{{'node':'d','target':'{target}','bitmaps':['{source}']}}");
                pair.CompareState();
            }
        }
        _ = pair.Do("block-dirty-bitmap-merge", "{'node':'e','target':'other','bitmaps':[{'node':'d','name':'fine'}]}");
        _ = pair.Do("block-dirty-bitmap-merge", "{'node':'e','target':'other','bitmaps':['fine',{'node':'d','name':'none'}]}");
        _ = pair.Do("block-dirty-bitmap-merge", "{'node':'d','target':'fine','bitmaps':['fine']}");
        _ = pair.Do("block-dirty-bitmap-merge", "{'node':'small','target':'s','bitmaps':[{'node':'d','name':'fine'}]}");
        _ = pair.Do("block-dirty-bitmap-merge", "{'node':'d','target':'fine','bitmaps':[{'node':'d'}]}");
        _ = pair.Do("block-dirty-bitmap-merge", "{'node':'d','target':'fine','bitmaps':[7]}");
        pair.CompareState();
    }

    [Fact]
    public void Persistent_bitmaps_come_back_alike_after_a_restart()
    {
        using var pair = new DaemonPair();
        pair.Node("d");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'on','persistent':true}");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'off','persistent':true,'disabled':true}");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'gone'}");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'removed','persistent':true}");
        pair.Export("d");
        pair.Io("d", "write 0 1M", "write 10M 65536");
        pair.Unexport("d");
        _ = pair.Do("block-dirty-bitmap-remove", "{'node':'d','name':'removed'}");
        pair.CompareState();
        pair.Restart();
        pair.Add("d");
        pair.CompareState();
        pair.Restart();
        pair.Add("d", options: ",'read-only':true");
        pair.CompareState();
        foreach (var verb in (string[])["clear", "enable", "disable", "remove"])
        {
            _ = pair.Do($"block-dirty-bitmap-{verb}", "{'node':'d','name':'on'}");
        }
        pair.CompareState();
        pair.Quit();
        pair.Judge("qemu-img", "info", "--output=json", "DIR/d.img");
    }

    [Fact]
    public void An_inconsistent_bitmap_refuses_all_but_its_removal_alike()
    {
        using var pair = new DaemonPair();
        pair.Image("d.img");
        pair.ChangeImage("d.img", InUseBitmap.Leave);
        pair.Add("d");
        pair.CompareState();
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'t'}");
        foreach (var verb in (string[])["clear", "enable", "disable"])
        {
            _ = pair.Do($"block-dirty-bitmap-{verb}", "{'node':'d','name':'b'}");
        }
        _ = pair.Do("block-dirty-bitmap-merge", "{'node':'d','target':'b','bitmaps':['t']}");
        _ = pair.Do("block-dirty-bitmap-merge", "{'node':'d','target':'t','bitmaps':['b']}");
        _ = pair.Do("nbd-server-start", "{'addr':{'type':'unix','data':{'path':'nbd'}}}");
        _ = pair.Do("block-export-add", "{'id':'e','type':'nbd','node-name':'d','bitmaps':['b']}");
        _ = pair.Do("block-dirty-bitmap-remove", "{'node':'d','name':'b'}");
        pair.CompareState();
    }

    [Fact]
    public void Bitmaps_follow_a_resize_alike()
    {
        using var pair = new DaemonPair();
        pair.Node("d", "qcow2", "4M");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'t','granularity':512}");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'d','name':'p','persistent':true}");
        pair.Export("d");
        pair.Io("d", "write 0 4M");
        pair.Unexport("d");
        foreach (var size in (string[])["8388608", "1049088", "70000", "70000000", "-1", "'x'", "9223372036854775807"])
        {
            _ = pair.Do("block_resize", $"{{'node-name':'d','size':{size}}}");
            pair.CompareState();
        }
        _ = pair.Do("block_resize", "{'size':1}");
        _ = pair.Do("block_resize", "{'node-name':'none','size':1}");
        _ = pair.Do("block_resize", "{'device':'d','size':1048576}");
        pair.CompareState();
    }
}
