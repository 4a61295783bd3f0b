using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Bitmaps;

namespace Tidemark.Drivers.Qcow2;

internal sealed partial class Qcow2Driver : IBitmapStore
{
    private readonly StoredBitmaps bitmaps;

    /// <inheritdoc/>
    public ValueTask CheckCanStoreAsync(string name, long granularity)
    {
        bitmaps.CheckCanStore(name, granularity);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask RemoveStoredAsync(string name) => bitmaps.RemoveAsync(name);

    /// <inheritdoc/>
    public IReadOnlyList<StoredBitmapInfo> ListStored() => bitmaps.List();

    /// <summary>
    /// The guest may write (again): the bitmaps are in use from now on. If that can't be written down no write may happen, or what
    /// is stored would be taken for right after a crash: then the image stays read-only, or takes no request at all any more.
    /// </summary>
    private async ValueTask ResumeBitmapsAsync(bool canStayReadOnly)
    {
        try
        {
            await bitmaps.BeginUseAsync();
        }
        catch (BlockException error)
        {
            var failure = $"{Node.Name}: Failed to make dirty bitmaps writable: {error.Message}";
            if (canStayReadOnly)
            {
                Node.Graph.Warn(failure);
                Node.MarkReadOnly(true);
            }
            else
            {
                Node.Graph.Warn($"{failure}; the node serves no further request");
                Image.StopRequests();
            }
        }
    }
}
