using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Block.Tests;

public sealed class PermissionTests
{
    private const BlockPermissions ReadWrite = BlockPermissions.ConsistentRead | BlockPermissions.Write;

    [Fact]
    public void A_second_user_that_will_not_share_is_refused_and_the_first_goes_on() =>
        BlockWorld.Run(async world =>
        {
            var node = await world.AddAsync("disk", new ShyDisk(4096));
            await using var first = BlockBackend.Create(node, ReadWrite, BlockPermissions.All);
            var error = Assert.Throws<BlockException>(() =>
                BlockBackend.Create(node, ReadWrite, BlockPermissions.ConsistentRead)
            );
            Assert.StartsWith(
                "Permission conflict on node 'disk': permissions 'write' are both required by",
                error.Message,
                StringComparison.Ordinal
            );
            Assert.Equal(IoStatus.Ok, await first.WriteAsync(new(0, 512), new byte[512]));
            Assert.Single(node.Parents, parent => ReferenceEquals(parent, first.Root));
        });

    [Fact]
    public void A_read_only_node_is_not_given_to_a_writer() =>
        BlockWorld.Run(async world =>
        {
            var node = await world.AddAsync("disk", new ShyDisk(4096), ("read-only", JsonBool.True));
            var error = Assert.Throws<BlockException>(() => BlockWorld.Guest(node));
            Assert.Equal("Block node is read-only", error.Message);
            Assert.Equal(BlockErrorKind.AccessDenied, error.Kind);
        });

    [Fact]
    public void A_name_that_is_taken_is_refused() =>
        BlockWorld.Run(async world =>
        {
            _ = await world.AddAsync("disk", new ShyDisk(4096));
            var error = await Assert.ThrowsAsync<BlockException>(() => world.AddAsync("disk", new ShyDisk(4096)));
            Assert.Equal("Duplicate nodes with node-name='disk'", error.Message);
        });

    [Fact]
    public void A_node_that_is_not_there_is_named() =>
        BlockWorld.Run(world =>
        {
            var error = Assert.Throws<BlockException>(() => world.Graph.Require("absent"));
            Assert.Contains("absent", error.Message, StringComparison.Ordinal);
            return Task.CompletedTask;
        });
}
