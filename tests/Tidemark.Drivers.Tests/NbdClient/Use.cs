using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Tests.NbdClient;

/// <summary>A user of the node who may write.</summary>
internal sealed class Use(BlockNode node) : IAsyncDisposable
{
    public BlockBackend It { get; } =
        BlockBackend.Create(node, BlockPermissions.ConsistentRead | BlockPermissions.Write, BlockPermissions.All);

    public ValueTask<IoStatus> WriteAsync(long offset, byte[] data) => It.WriteAsync(new ByteRange(offset, data.Length), data);

    /// <summary>Writes some bytes at a place of their own in one of a hundred stripes, there and in the shadow.</summary>
    public async Task<IoStatus> WriteSomeAsync(byte[] shadow, Random random, int stripe)
    {
        var stripeBytes = shadow.Length / 100;
        var start = random.Next(stripeBytes);
        var data = new byte[random.Next(1, stripeBytes - start)];
        random.NextBytes(data);
        var offset = (stripe * stripeBytes) + start;
        data.CopyTo(shadow, offset);
        return await WriteAsync(offset, data);
    }

    public ValueTask DisposeAsync() => It.DisposeAsync();
}
