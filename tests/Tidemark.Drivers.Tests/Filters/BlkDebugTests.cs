using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using static Tidemark.Drivers.Tests.Filters.FilterWorld;

namespace Tidemark.Drivers.Tests.Filters;

public sealed class BlkDebugTests
{
    private const string Image = "'image':{'driver':'file','filename':'@/disk'}";

    [Fact]
    public void A_rule_for_none_holds_from_the_beginning_and_only_once_when_it_says_so() =>
        Run(async world =>
        {
            world.Make("disk", 1 << 20, 0);
            await world.UseAsync(
                $"{{'driver':'blkdebug',{Image},'inject-error':[{{'event':'none','iotype':'write','errno':28,'sector':4,'once':true}}]}}",
                async user =>
                {
                    Assert.Equal(IoStatus.Ok, await WriteAsync(user, 0, 2048));
                    Assert.Equal(IoStatus.Ok, await ReadAsync(user, 0, 65536));
                    Assert.Equal(IoStatus.NoSpace, await WriteAsync(user, 2047, 2));
                    Assert.Equal(IoStatus.Ok, await WriteAsync(user, 2047, 2));
                }
            );
        });

    [Theory]
    [InlineData("read")]
    [InlineData("write")]
    [InlineData("write-zeroes")]
    [InlineData("discard")]
    [InlineData("flush")]
    public void A_rule_for_a_kind_of_request_leaves_the_others_alone(string kind) =>
        Run(async world =>
        {
            world.Make("disk", 1 << 20, 0);
            var range = new ByteRange(0, 65536);
            await world.UseAsync(
                $"{{'driver':'blkdebug','discard':'unmap',{Image},'inject-error':[{{'event':'none','iotype':'{kind}','immediately':true}}]}}",
                async user =>
                {
                    Assert.Equal(Expected("read"), await ReadAsync(user, 0, 65536));
                    Assert.Equal(Expected("write"), await WriteAsync(user, 0, 65536));
                    Assert.Equal(Expected("write-zeroes"), await user.WriteZeroesAsync(range));
                    Assert.Equal(Expected("discard"), await user.DiscardAsync(range));
                    Assert.Equal(Expected("flush"), await user.FlushAsync());
                }
            );

            IoStatus Expected(string verb) => verb == kind ? IoStatus.IoError : IoStatus.Ok;
        });

    [Fact]
    public void States_lead_from_event_to_event() =>
        Run(async world =>
        {
            world.Make("disk", 1 << 20, 0);
            // The second write moves on to state 2, where the third finds the rule.
            await world.UseAsync(
                $"{{'driver':'blkdebug',{Image},"
                    + "'set-state':[{'event':'pwritev','state':1,'new_state':5},{'event':'pwritev','state':5,'new_state':2}],"
                    + "'inject-error':[{'event':'pwritev','state':2,'iotype':'write','errno':5,'once':true}]}",
                async user =>
                {
                    Assert.Equal(IoStatus.Ok, await WriteAsync(user, 0, 512));
                    Assert.Equal(IoStatus.Ok, await WriteAsync(user, 0, 512));
                    Assert.Equal(IoStatus.IoError, await WriteAsync(user, 0, 512));
                    Assert.Equal(IoStatus.Ok, await WriteAsync(user, 0, 512));
                }
            );
        });

    [Fact]
    public void A_file_of_rules_does_as_options_do() =>
        Run(async world =>
        {
            world.Make("disk", 1 << 20, 0);
            System.IO.File.WriteAllText(
                world.File("rules"),
                """
                # the second sector is bad
                [inject-error]
                event = "none"
                iotype = "read"
                errno = "28"
                sector = "1"
                """
            );
            await world.UseAsync(
                $"{{'driver':'blkdebug',{Image},'config':'@/rules'}}",
                async user =>
                {
                    Assert.Equal(IoStatus.Ok, await ReadAsync(user, 0, 512));
                    Assert.Equal(IoStatus.NoSpace, await ReadAsync(user, 0, 513));
                }
            );
        });

    [Theory]
    [InlineData("'align':513", "Cannot meet constraints with align 513")]
    [InlineData("'align':4096,'max-transfer':512", "Cannot meet constraints with max-transfer 512")]
    [InlineData("'opt-discard':1000", "Cannot meet constraints with opt-discard 1000")]
    [InlineData("'inject-error':[{'event':'none','errno':0}]", "Parameter 'errno' expects an error number")]
    [InlineData("'config':'@/missing'", "Could not read blkdebug config file: No such file or directory")]
    public void Nonsense_is_refused(string option, string message) =>
        Run(async world =>
        {
            world.Make("disk", 1 << 20, 0);
            var error = await Assert.ThrowsAsync<BlockException>(async () =>
                await world.OpenAsync($"{{'driver':'blkdebug',{Image},{option}}}")
            );
            Assert.Equal(message, error.Message);
            Assert.Empty(world.Graph.Nodes);
        });

    [Fact]
    public void Narrower_limits_still_let_any_request_through() =>
        Run(async world =>
        {
            world.Make("disk", 1 << 20, 7);
            await world.UseAsync(
                $"{{'driver':'blkdebug','discard':'unmap',{Image},'align':4096,'max-transfer':8192,'opt-write-zero':16384,"
                    + "'max-write-zero':32768,'opt-discard':8192,'max-discard':65536}",
                async user =>
                {
                    Assert.Equal(IoStatus.Ok, await WriteAsync(user, 5, 100_001, 9));
                    Assert.Equal(IoStatus.Ok, await user.WriteZeroesAsync(new ByteRange(3, 70_000)));
                    var seen = new byte[110_000];
                    Assert.Equal(IoStatus.Ok, await user.ReadAsync(new ByteRange(0, seen.Length), seen));
                    Assert.Equal([7, 7, 7, 0], seen[..4]);
                    Assert.Equal(0, seen[70_002]);
                    Assert.Equal(9, seen[70_003]);
                    Assert.Equal([9, 7], seen[100_005..100_007]);
                }
            );
        });

    [Fact]
    public void Permissions_can_be_taken_and_denied() =>
        Run(async world =>
        {
            world.Make("disk", 1 << 20, 0);
            var file = await world.OpenAsync("{'driver':'file','node-name':'f','filename':'@/disk'}");
            var debug = await world.OpenAsync("{'driver':'blkdebug','image':'f','unshare-child-perms':['resize']}");
            var error = Assert.Throws<BlockException>(() =>
                Block.Graph.BlockBackend.Create(file, BlockPermissions.Resize, BlockPermissions.All)
            );
            Assert.Contains("permissions 'resize'", error.Message, StringComparison.Ordinal);
            await world.Graph.ReleaseAsync(debug);
            await world.Graph.ReleaseAsync(file);
        });

    [Fact]
    public void A_file_name_names_rules_and_image() =>
        Run(async world =>
        {
            world.Make("disk", 1 << 20, 0);
            var node = await world.Graph.OpenFilenameAsync($"blkdebug::{world.File("disk")}", "raw", []);
            Assert.Equal("blkdebug", node.PrimaryChild!.Node.Definition.Name); // raw has a file
            await world.Graph.ReleaseAsync(node);
        });
}
