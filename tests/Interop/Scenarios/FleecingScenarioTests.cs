namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>The pull model beside the reference: copy-before-write, snapshot-access, and what is read over NBD. J9.</summary>
public sealed class FleecingScenarioTests
{
    private const string Map = "nbd+unix:///past?socket=DIR/nbd";

    [Fact]
    public void The_past_is_read_alike_while_the_disk_is_written()
    {
        using var pair = new DaemonPair();
        pair.Node("disk", options: ",'discard':'unmap'");
        pair.Node("scratch", options: ",'discard':'unmap'");
        pair.Export("disk");
        pair.Io("disk", "write -P 1 0 1M", "write -P 2 3M 192k", "flush");
        pair.Unexport("disk");
        _ = pair.Do(
            "blockdev-add",
            "{'driver':'copy-before-write','node-name':'cbw','file':'disk','target':'scratch','discard':'unmap'}"
        );
        _ = pair.Do("blockdev-add", "{'driver':'snapshot-access','node-name':'past','file':'cbw','read-only':true}");
        pair.CompareState();
        pair.Export("cbw");
        _ = pair.Do("block-export-add", "{'type':'nbd','id':'past','node-name':'past'}");
        pair.Judge("nbdinfo", "--map", Map);
        Look(pair);
        // Data only: where the disk reads as zeroes now, the reference says so of the past too.
        pair.Io("cbw", "write -P 9 64k 64k", "write -P 9 100k 5k", "write -P 9 3M 64k", "write -P 9 10M 1M");
        pair.Io("cbw", "read -P 9 64k 64k", "read -P 9 10M 1M", "read -P 9 3M 64k");
        Look(pair);
        pair.CompareState();
        _ = pair.Do("blockdev-del", "{'node-name':'past'}");
        _ = pair.Do("blockdev-del", "{'node-name':'cbw'}");
        _ = pair.Do("blockdev-del", "{'node-name':'scratch'}");
        pair.Unexport("past");
        pair.Unexport("cbw");
        _ = pair.Do("blockdev-del", "{'node-name':'cbw'}");
        _ = pair.Do("blockdev-del", "{'node-name':'past'}");
        _ = pair.Do("blockdev-del", "{'node-name':'cbw'}");
        pair.CompareState();
        pair.Quit();
        pair.Judge("qemu-img", "map", "--output=json", "DIR/scratch.img");
        pair.Judge("qemu-img", "check", "DIR/scratch.img");
    }

    [Fact]
    public void A_bitmap_bounds_what_is_kept_alike()
    {
        using var pair = new DaemonPair();
        pair.Node("disk");
        pair.Node("scratch");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'disk','name':'b'}");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'disk','name':'small','granularity':512}");
        pair.Export("disk");
        pair.Io("disk", "write -P 1 1M 128k", "write -P 1 8M 4k");
        pair.Unexport("disk");
        foreach (
            var bitmap in (string[])
                ["'none','name':'b'", "'disk','name':'none'", "'disk','name':''", "'disk'", "'scratch','name':'b'"]
        )
        {
            _ = pair.Do(
                "blockdev-add",
                $"{{'driver':'copy-before-write','node-name':'x','file':'disk','target':'scratch','bitmap':{{'node':{bitmap}}}}}"
            );
        }
        _ = pair.Do(
            "blockdev-add",
            "{'driver':'copy-before-write','node-name':'cbw','file':'disk','target':'scratch','bitmap':{'node':'disk','name':'b'}}"
        );
        _ = pair.Do("blockdev-add", "{'driver':'snapshot-access','node-name':'past','file':'cbw','read-only':true}");
        pair.CompareState();
        pair.Export("cbw");
        _ = pair.Do(
            "block-export-add",
            "{'type':'nbd','id':'past','node-name':'past','bitmaps':[{'node':'disk','name':'b'}],'name':'past'}"
        );
        _ = pair.Do("block-export-add", "{'type':'nbd','id':'past','node-name':'past','bitmaps':['b']}");
        pair.Io("cbw", "write -P 9 0 2M", "write -P 9 8M 128k");
        pair.Judge("nbdinfo", "--map=qemu:dirty-bitmap:b", Map);
        pair.Judge("nbdinfo", "--map", Map);
        Read(pair, "1M 128k", 1, "8M 4k", 1, "0 64k", 0, "1152k 64k", 0, "8M 64k", 0, "8M 128k", 0, "1100k 100k", 0);
        pair.CompareState();
        pair.Quit();
    }

    [Theory]
    [InlineData("break-guest-write")]
    [InlineData("break-snapshot")]
    public void A_scratch_that_is_full_breaks_what_was_chosen_alike(string mode)
    {
        using var pair = new DaemonPair();
        pair.Node("disk");
        pair.Node("scratch");
        _ = pair.Do(
            "blockdev-add",
            """
            {'driver':'blkdebug','node-name':'full','image':'scratch',
            'inject-error':[{'event':'none','iotype':'write','errno':28,'sector':2048},{'event':'none','iotype':'write-zeroes','errno':28,'sector':2048}]}
            """
        );
        pair.Export("disk");
        pair.Io("disk", "write -P 1 0 4M");
        pair.Unexport("disk");
        _ = pair.Do(
            "blockdev-add",
            $"{{'driver':'copy-before-write','node-name':'cbw','file':'disk','target':'full','on-cbw-error':'{mode}'}}"
        );
        _ = pair.Do("blockdev-add", "{'driver':'snapshot-access','node-name':'past','file':'cbw'}");
        pair.Export("cbw");
        _ = pair.Do("block-export-add", "{'type':'nbd','id':'past','node-name':'past'}");
        pair.Io("cbw", "write -P 9 0 64k");
        Read(pair, "0 64k", 1);
        pair.Judge(
            "qemu-io",
            "-f",
            "raw",
            "-c",
            "write -q -P 9 1M 64k",
            "-c",
            "write -q -P 9 1M 64k",
            "nbd+unix:///cbw?socket=DIR/nbd"
        );
        Read(pair, "0 64k", 1, "1M 64k", 1, "2M 64k", 1);
        pair.Io("cbw", "write -P 9 2M 64k");
        Read(pair, "2M 64k", 1);
        pair.Judge("nbdinfo", "--map", Map);
        pair.Quit();
        pair.Judge("qemu-img", "map", "--output=json", "DIR/scratch.img");
    }

    [Fact]
    public void What_was_read_may_be_discarded_alike()
    {
        using var pair = new DaemonPair();
        pair.Node("disk", options: ",'discard':'unmap'");
        pair.Node("scratch", options: ",'discard':'unmap'");
        pair.Export("disk");
        pair.Io("disk", "write -P 1 0 4M");
        pair.Unexport("disk");
        _ = pair.Do("blockdev-add", "{'driver':'copy-before-write','node-name':'cbw','file':'disk','target':'scratch'}");
        _ = pair.Do("blockdev-add", "{'driver':'snapshot-access','node-name':'past','file':'cbw','discard':'unmap'}");
        _ = pair.Do("blockdev-add", "{'driver':'snapshot-access','node-name':'readonly','file':'cbw','read-only':true}");
        pair.Export("cbw");
        pair.Export("past");
        _ = pair.Do("block-export-add", "{'type':'nbd','id':'readonly','node-name':'readonly','writable':true}");
        pair.Io("cbw", "write -P 9 0 256k");
        pair.Io("past", "read -P 1 0 256k", "discard 64k 64k", "read -P 1 0 64k", "read -P 1 128k 4k");
        Read(pair, "64k 64k", 1, "0 128k", 1, "127k 1k", 1, "128k 1k", 1);
        pair.Judge("qemu-io", "-f", "raw", "-c", "write -q 0 64k", "-c", "write -q -z 0 64k", "-c", "flush", Map);
        pair.Io("past", "discard 1M 1M");
        pair.Io("cbw", "write -P 9 1M 1M");
        Read(pair, "1M 64k", 1, "2M 64k", 1);
        pair.CompareState();
        pair.Quit();
        pair.Judge("qemu-img", "map", "--output=json", "DIR/scratch.img");
        pair.Judge("qemu-img", "check", "DIR/scratch.img");
    }

    [Fact]
    public void A_filter_goes_in_and_out_under_a_live_export_alike()
    {
        using var pair = new DaemonPair();
        pair.Node("disk", options: ",'discard':'unmap'");
        pair.Node("scratch");
        _ = pair.Do("blockdev-add", "{'driver':'raw','node-name':'door','file':'disk'}");
        pair.Export("door");
        pair.Io("door", "write -P 1 0 4M");
        _ = pair.Do("blockdev-add", "{'driver':'copy-before-write','node-name':'cbw','file':'disk','target':'scratch'}");
        _ = pair.Do("blockdev-reopen", "{'options':[{'driver':'raw','node-name':'door','file':'scratch'}]}");
        _ = pair.Do("blockdev-reopen", "{'options':[{'driver':'raw','node-name':'door','file':'cbw'}]}");
        _ = pair.Do("blockdev-add", "{'driver':'snapshot-access','node-name':'past','file':'cbw','read-only':true}");
        _ = pair.Do("block-export-add", "{'type':'nbd','id':'past','node-name':'past'}");
        pair.CompareState();
        pair.Io("door", "write -P 2 1M 1M", "read -P 2 1M 1M");
        Read(pair, "0 4M", 1);
        // While somebody reads the past nobody may write past the filter.
        _ = pair.Do("blockdev-reopen", "{'options':[{'driver':'raw','node-name':'door','file':'disk'}]}");
        pair.Unexport("past");
        _ = pair.Do("blockdev-reopen", "{'options':[{'driver':'raw','node-name':'door','file':'disk'}]}");
        _ = pair.Do("blockdev-del", "{'node-name':'past'}");
        _ = pair.Do("blockdev-reopen", "{'options':[{'driver':'raw','node-name':'door','file':'disk'}]}");
        _ = pair.Do("blockdev-del", "{'node-name':'cbw'}");
        pair.Io("door", "write -P 3 2M 1M", "read -P 2 1M 1M");
        pair.CompareState();
        pair.Quit();
        pair.Judge("qemu-img", "map", "--output=json", "DIR/scratch.img");
    }

    [Fact]
    public void There_is_no_past_without_a_filter_that_keeps_it()
    {
        using var pair = new DaemonPair();
        pair.Node("disk");
        _ = pair.Do("blockdev-add", "{'driver':'snapshot-access','node-name':'past'}");
        _ = pair.Do("blockdev-add", "{'driver':'snapshot-access','node-name':'past','file':'none'}");
        _ = pair.Do("blockdev-add", "{'driver':'snapshot-access','node-name':'past','file':'disk','bitmap':'b'}");
        _ = pair.Do("blockdev-add", "{'driver':'snapshot-access','node-name':'past','file':'disk'}");
        _ = pair.Do("block-export-add", "{'type':'nbd','id':'past','node-name':'past'}");
        pair.Export("disk");
        pair.CompareState();
        Read(pair, "0 4k", 0);
        pair.Judge("nbdinfo", "--map", Map);
        _ = pair.Do("block_resize", "{'node-name':'past','size':1048576}");
        pair.Quit();
    }

    private static void Look(DaemonPair pair)
    {
        Read(pair, "0 1M", 1, "1M 2M", 0, "3M 192k", 2, "3264k 20000k", 0, "4095k 1", 0);
    }

    private static void Read(DaemonPair pair, params object[] places)
    {
        for (var i = 0; i < places.Length; i += 2)
        {
            pair.Judge("qemu-io", "-r", "-f", "raw", "-c", $"read -q -P {places[i + 1]} {places[i]}", Map);
        }
    }
}
