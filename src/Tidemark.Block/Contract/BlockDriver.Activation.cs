namespace Tidemark.Block.Contract;

public abstract partial class BlockDriver
{
    /// <summary>
    /// Writes back whatever another process must find in the image, which it will have from now on. The node is drained and
    /// flushed, and still active. Throws <see cref="Core.Errors.BlockException"/>; the node goes on then.
    /// </summary>
    public virtual ValueTask InactivateAsync() => ValueTask.CompletedTask;

    /// <summary>
    /// The image is this process's again, and may have been changed by another: gives the driver that serves the node from now
    /// on, be it this one, which has looked anew, or one opened anew over the same children. The node is drained, active, and has
    /// its permissions. Throws <see cref="Core.Errors.BlockException"/>; the node stays inactive then.
    /// </summary>
    public virtual ValueTask<BlockDriver> ActivateAsync() => new(this);
}
