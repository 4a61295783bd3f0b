using System.Runtime.CompilerServices;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;

namespace Tidemark.Block.Graph;

public sealed partial class BlockNode
{
    /// <summary>
    /// Makes everything acknowledged before it durable: cached metadata goes down to the children, then the children that this
    /// node writes to are flushed. With cache.no-flush nothing is asked of the medium.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<IoStatus> FlushAsync()
    {
        var generation = writeGeneration;
        if (!IsReadOnly)
        {
            var below = PrimaryChild;
            if (below is not null)
            {
                await below.RaiseAsync(DebugEvent.FlushToOs);
            }
            var status = await Driver.FlushToOsAsync();
            if (status != IoStatus.Ok)
            {
                return status;
            }
            if (!Options.CacheNoFlush && generation != flushedGeneration)
            {
                if (below is not null)
                {
                    await below.RaiseAsync(DebugEvent.FlushToDisk);
                }
                status = await Driver.FlushToDiskAsync();
                if (status != IoStatus.Ok)
                {
                    return status;
                }
            }
        }
        // By index: a driver may lose a child while another is flushed, and no copy of the list is made for each flush.
        for (var i = 0; i < children.Count; i++)
        {
            var edge = children[i];
            if ((edge.Required & (BlockPermissions.Write | BlockPermissions.WriteUnchanged)) == 0 || !Driver.FlushesThrough(edge))
            {
                continue;
            }
            var status = await edge.Node.FlushAsync();
            if (status != IoStatus.Ok)
            {
                return status;
            }
        }
        flushedGeneration = Math.Max(flushedGeneration, generation);
        return IoStatus.Ok;
    }
}
