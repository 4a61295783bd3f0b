using Tidemark.Block.Copy;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using static Tidemark.Drivers.Tests.Filters.FilterWorld;

namespace Tidemark.Drivers.Tests.Filters;

public sealed class CopyBeforeWriteTests
{
    private const int Size = 1 << 20;
    private const string Disk = "'file':{'driver':'file','filename':'@/disk'}";

    [Fact]
    public void Old_data_is_saved_once_in_whole_clusters() =>
        Run(async world =>
        {
            world.Make("disk", Size, 5);
            world.Make("past", Size, 0);
            await world.UseAsync(
                $"{{'driver':'copy-before-write','discard':'unmap',{Disk},'target':{{'driver':'file','filename':'@/past'}}}}",
                async user =>
                {
                    Assert.Equal(IoStatus.Ok, await WriteAsync(user, 65535, 2, 6));
                    Assert.Equal(IoStatus.Ok, await WriteAsync(user, 0, 131072, 7));
                    Assert.Equal(IoStatus.Ok, await user.WriteZeroesAsync(new ByteRange(262144, 1)));
                    Assert.Equal(IoStatus.Ok, await user.DiscardAsync(new ByteRange(524288, 65536)));
                }
            );
            var past = System.IO.File.ReadAllBytes(world.File("past"));
            for (var cluster = 0; cluster < Size / 65536; cluster++)
            {
                var saved = cluster is 0 or 1 or 4 or 8;
                Assert.DoesNotContain(past[(cluster * 65536)..((cluster + 1) * 65536)], b => b != (saved ? 5 : 0));
            }
        });

    [Fact]
    public void A_bitmap_limits_what_is_saved() =>
        Run(async world =>
        {
            world.Make("disk", Size, 5);
            world.Make("past", Size, 0);
            var disk = await world.OpenAsync("{'driver':'file','node-name':'disk','filename':'@/disk'}");
            disk.Bitmaps.Add("b").Content.Set(new ByteRange(131072, 1));
            await world.UseAsync(
                "{'driver':'copy-before-write','file':'disk','target':{'driver':'file','filename':'@/past'},"
                    + "'bitmap':{'node':'disk','name':'b'}}",
                async user => Assert.Equal(IoStatus.Ok, await WriteAsync(user, 0, Size, 6))
            );
            await world.Graph.ReleaseAsync(disk);
            var past = System.IO.File.ReadAllBytes(world.File("past"));
            Assert.Equal(65536, past.Count(static b => b == 5));
            Assert.Equal(5, past[131072]);
        });

    [Theory]
    [InlineData("break-guest-write", IoStatus.NoSpace)]
    [InlineData("break-snapshot", IoStatus.Ok)]
    public void What_gives_way_to_a_failing_target_is_the_users_choice(string mode, IoStatus expected) =>
        Run(async world =>
        {
            world.Make("disk", Size, 5);
            world.Make("past", Size, 0);
            await world.UseAsync(
                $"{{'driver':'copy-before-write',{Disk},'on-cbw-error':'{mode}','target':{{'driver':'blkdebug',"
                    + "'image':{'driver':'file','filename':'@/past'},'inject-error':[{'event':'none','iotype':'write','errno':28}]}}",
                async user =>
                {
                    Assert.Equal(expected, await WriteAsync(user, 0, 1, 6));
                    var copy = ((ICopyBeforeWriteFilter)user.Node.Driver).Copy;
                    Assert.Equal(expected == IoStatus.Ok, copy.IsBroken);
                    Assert.True(copy.Remaining.Get(0));
                    Assert.Equal(IoStatus.Ok, await user.FlushAsync());
                }
            );
            Assert.Equal(expected == IoStatus.Ok ? 6 : 5, System.IO.File.ReadAllBytes(world.File("disk"))[0]);
        });

    [Fact]
    public void A_missing_bitmap_is_refused() =>
        Run(async world =>
        {
            world.Make("disk", Size, 5);
            world.Make("past", Size, 0);
            var error = await Assert.ThrowsAsync<BlockException>(async () =>
                await world.OpenAsync(
                    $"{{'driver':'copy-before-write','node-name':'c',{Disk},'target':{{'driver':'file','filename':'@/past'}},"
                        + "'bitmap':{'node':'nope','name':'b'}}"
                )
            );
            Assert.Equal("Node 'nope' not found", error.Message);
            Assert.Empty(world.Graph.Nodes);
        });
}
