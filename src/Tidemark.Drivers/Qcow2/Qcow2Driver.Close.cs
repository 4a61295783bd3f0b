using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Qcow2;

internal sealed partial class Qcow2Driver
{
    private CancellationTokenSource? cleaning;

    /// <inheritdoc/>
    public override async ValueTask CloseAsync()
    {
        EndCleaning();
        if (!Node.IsReadOnly && !Image.IsUnusable)
        {
            await bitmaps.StoreOrWarnAsync();
            var status = await StopWritingAsync();
            if (status != IoStatus.Ok)
            {
                // The reference tries its caches one after the other, and finds the same fault twice.
                Node.Graph.Warn($"Failed to flush the L2 table cache: {status.Describe()}");
                Node.Graph.Warn($"Failed to flush the refcount block cache: {status.Describe()}");
            }
        }
        else if (Node.IsReadOnly)
        {
            // One that was added meanwhile has no place to stay.
            await bitmaps.StoreOrWarnAsync();
        }
        Release();
    }

    // Everything to the medium, the guest's data too, and the dirty bit off.
    private async ValueTask<IoStatus> StopWritingAsync()
    {
        await Image.Lock.EnterAsync();
        try
        {
            var status = await Image.WriteAllAsync();
            status = status == IoStatus.Ok ? await Image.MarkCleanAsync() : status;
            return status == IoStatus.Ok ? await Image.File.FlushAsync() : status;
        }
        finally
        {
            Image.Lock.Exit();
        }
    }

    private void Release()
    {
        Image.L2.DropAll();
        Image.Refcounts.DropAll();
        compressed.Forget();
    }

    // Slices that nobody used for a while are let go, so that a large image that is idle takes little memory.
    private void BeginCleaning()
    {
        EndCleaning();
        var seconds = Image.Options.CacheCleanInterval ?? Qcow2.Limits.CacheCleanSeconds;
        if (seconds > 0)
        {
            cleaning = new();
            _ = CleanAsync(TimeSpan.FromSeconds(seconds), cleaning.Token);
        }
    }

    private void EndCleaning()
    {
        cleaning?.Cancel();
        cleaning?.Dispose();
        cleaning = null;
    }

    private async Task CleanAsync(TimeSpan interval, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await Node.Graph.Loop.DelayAsync(interval, cancel);
                Image.L2.ReleaseUnused();
            }
        }
        catch (OperationCanceledException)
        {
            // The image was closed.
        }
    }
}
