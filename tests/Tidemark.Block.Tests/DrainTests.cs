using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Tests;

public sealed class DrainTests
{
    [Fact]
    public void A_drain_waits_for_what_is_under_way_and_holds_back_what_comes() =>
        BlockWorld.Run(async world =>
        {
            var disk = new ShyDisk(1 << 20) { Gate = new Completion<bool>() };
            var node = await world.AddAsync("disk", disk);
            await using var guest = BlockWorld.Guest(node);
            var first = guest.WriteAsync(new ByteRange(0, 512), new byte[512]).AsTask();
            var draining = world.Graph.DrainAllAsync().AsTask();
            var second = guest.WriteAsync(new ByteRange(4096, 512), new byte[512]).AsTask();
            await Task.Yield();
            Assert.False(draining.IsCompleted);

            disk.Gate.Set(true);
            disk.Gate = null;
            using (await draining)
            {
                Assert.Equal(IoStatus.Ok, await first);
                await Task.Yield();
                Assert.False(second.IsCompleted);
                Assert.Equal(["write 0+512"], disk.Seen);
            }
            Assert.Equal(IoStatus.Ok, await second);
        });
}
