namespace Tidemark.Block.Contract;

public abstract partial class BlockDriver
{
    /// <summary>
    /// Gets ready to go on under <paramref name="options"/> (all of the node's options, resolved anew), of which only its
    /// definition's ChangeableOptions are others than before. Throws <see cref="Core.Errors.BlockException"/> and leaves all as it
    /// was; or gives what commits or undoes the change. The node is drained.
    /// </summary>
    public virtual ValueTask<ReopenStep> PrepareReopenAsync(NodeOptions options) => new(ReopenStep.Nothing);
}
