using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Testing;

namespace Tidemark.Control.Tests.Commands;

/// <summary>Contract Q1 to Q7 and their refusals.</summary>
public sealed class BitmapCommandTests
{
    [Theory]
    [InlineData("block-dirty-bitmap-add", "{'node':'nope','name':'b'}", "Cannot find device='nope' nor node-name='nope'")]
    [InlineData("block-dirty-bitmap-add", "{'node':'n','name':''}", "Bitmap name cannot be empty")]
    [InlineData("block-dirty-bitmap-add", "{'node':'n','name':'a'}", "Bitmap already exists: a")]
    [InlineData(
        "block-dirty-bitmap-add",
        "{'node':'n','name':'g','granularity':511}",
        "Granularity must be power of 2 and at least 512"
    )]
    [InlineData(
        "block-dirty-bitmap-add",
        "{'node':'n','name':'g','granularity':0}",
        "Granularity must be power of 2 and at least 512"
    )]
    [InlineData(
        "block-dirty-bitmap-add",
        "{'node':'n','name':'p','persistent':true}",
        "Can't store persistent bitmaps to n: Operation not supported"
    )]
    [InlineData("block-dirty-bitmap-remove", "{'node':'nope','name':'a'}", "Node 'nope' not found")]
    [InlineData("block-dirty-bitmap-remove", "{'node':'n','name':'x'}", "Dirty bitmap 'x' not found")]
    [InlineData("block-dirty-bitmap-clear", "{'node':'n','name':'x'}", "Dirty bitmap 'x' not found")]
    [InlineData("block-dirty-bitmap-enable", "{'node':'nope','name':'x'}", "Node 'nope' not found")]
    [InlineData("block-dirty-bitmap-disable", "{'node':'n','name':'x'}", "Dirty bitmap 'x' not found")]
    [InlineData("block-dirty-bitmap-merge", "{'node':'n','target':'x','bitmaps':['a']}", "Dirty bitmap 'x' not found")]
    [InlineData("block-dirty-bitmap-merge", "{'node':'n','target':'a','bitmaps':['x']}", "Dirty bitmap 'x' not found")]
    [InlineData(
        "block-dirty-bitmap-merge",
        "{'node':'n','target':'a','bitmaps':[{'node':'nope','name':'x'}]}",
        "Node 'nope' not found"
    )]
    [InlineData(
        "block-dirty-bitmap-merge",
        "{'node':'n','target':'a','bitmaps':[]}",
        "Parameter 'bitmaps' expects at least one bitmap"
    )]
    [InlineData(
        "block-dirty-bitmap-merge",
        "{'node':'n','target':'a','bitmaps':['a',5]}",
        "Invalid parameter type for 'null', expected: BlockDirtyBitmapOrStr"
    )]
    [InlineData("x-debug-block-dirty-bitmap-sha256", "{'node':'n','name':'x'}", "Dirty bitmap 'x' not found")]
    public void Refusals_are_worded_as_the_reference_s_and_change_nothing(string command, string arguments, string text) =>
        TestDaemon.Run(async daemon =>
        {
            await daemon.AddNodeAsync("n");
            await daemon.OkAsync("block-dirty-bitmap-add", "{'node':'n','name':'a'}");
            Assert.Equal(text, await daemon.RefusedAsync(command, arguments));
            Assert.Equal(["a 0/65536 recording"], await daemon.BitmapsAsync("n"));
        });

    [Fact]
    public void Bitmaps_record_stop_clear_merge_and_go() =>
        TestDaemon.Run(async daemon =>
        {
            await daemon.AddNodeAsync("n");
            await daemon.OkAsync("block-dirty-bitmap-add", "{'node':'n','name':'a'}");
            await daemon.OkAsync("block-dirty-bitmap-add", "{'node':'n','name':'b','disabled':true,'granularity':4096}");
            daemon.Graph.Require("n").Bitmaps.Mark(new ByteRange(70_000, 1));
            Assert.Equal(["b 0/4096", "a 65536/65536 recording"], await daemon.BitmapsAsync("n"));
            await daemon.OkAsync("block-dirty-bitmap-merge", "{'node':'n','target':'b','bitmaps':['a']}");
            await daemon.OkAsync("block-dirty-bitmap-disable", "{'node':'n','name':'a'}");
            await daemon.OkAsync("block-dirty-bitmap-enable", "{'node':'n','name':'b'}");
            Assert.Equal(["b 65536/4096 recording", "a 65536/65536"], await daemon.BitmapsAsync("n"));
            await daemon.OkAsync("block-dirty-bitmap-merge", "{'node':'n','target':'b','bitmaps':['b','a']}");
            Assert.Equal(["b 65536/4096 recording", "a 65536/65536"], await daemon.BitmapsAsync("n"));
            await daemon.OkAsync("block-dirty-bitmap-clear", "{'node':'n','name':'b'}");
            await daemon.OkAsync("block-dirty-bitmap-remove", "{'node':'n','name':'a'}");
            Assert.Equal(["b 0/4096 recording"], await daemon.BitmapsAsync("n"));
        });

    [Fact]
    public void A_busy_bitmap_is_left_alone_by_everybody() =>
        TestDaemon.Run(async daemon =>
        {
            await daemon.AddNodeAsync("n");
            await daemon.OkAsync("block-dirty-bitmap-add", "{'node':'n','name':'a'}");
            await daemon.OkAsync("block-dirty-bitmap-add", "{'node':'n','name':'b'}");
            daemon.Graph.Require("n").Bitmaps.Find("a")!.Lock();
            const string busy = "Bitmap 'a' is currently in use by another operation and cannot be used";
            foreach (var verb in (string[])["remove", "clear", "enable", "disable"])
            {
                Assert.Equal(busy, await daemon.RefusedAsync($"block-dirty-bitmap-{verb}", "{'node':'n','name':'a'}"));
            }
            Assert.Equal(
                busy,
                await daemon.RefusedAsync("block-dirty-bitmap-merge", "{'node':'n','target':'b','bitmaps':['a']}")
            );
            Assert.Equal(
                busy,
                await daemon.RefusedAsync("block-dirty-bitmap-merge", "{'node':'n','target':'a','bitmaps':['b']}")
            );
            daemon.Graph.Require("n").Bitmaps.Find("a")!.Unlock();
        });

    [Fact]
    public void The_digest_equals_the_real_daemon_s()
    {
        Assert.SkipUnless(RealQemu.IsInstalled, "qemu-storage-daemon is not installed");
        using var real = RealQemu.Start("--blockdev", "null-co,node-name=n,size=67108864,read-zeroes=on");
        real.Execute("block-dirty-bitmap-add", "{\"node\": \"n\", \"name\": \"a\"}");
        real.Export("n");
        real.QemuIo("n", "write 1M 200k");
        var theirs = real.Execute("x-debug-block-dirty-bitmap-sha256", "{\"node\": \"n\", \"name\": \"a\"}")
            .GetProperty("sha256")
            .GetString();
        TestDaemon.Run(async daemon =>
        {
            await daemon.AddNodeAsync("n");
            await daemon.OkAsync("block-dirty-bitmap-add", "{'node':'n','name':'a'}");
            daemon.Graph.Require("n").Bitmaps.Mark(new ByteRange(1 << 20, 200 << 10));
            var ours = (JsonObject)await daemon.OkAsync("x-debug-block-dirty-bitmap-sha256", "{'node':'n','name':'a'}");
            Assert.Equal(theirs, ours.GetString("sha256"));
        });
    }
}
