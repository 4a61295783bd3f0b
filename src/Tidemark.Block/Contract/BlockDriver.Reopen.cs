namespace Tidemark.Block.Contract;

public abstract partial class BlockDriver
{
    /// <summary>
    /// Gets ready to go on under <paramref name="options"/> (all of the node's options, resolved anew). Throws
    /// <see cref="Core.Errors.BlockException"/> ("Cannot change the option 'x'") and leaves all as it was; or gives what
    /// commits or undoes the change. The node is drained. By default no driver option may change.
    /// </summary>
    public virtual ValueTask<ReopenStep> PrepareReopenAsync(NodeOptions options) => new(ReopenStep.Nothing);
}
