using Tidemark.Io.Loop;

namespace Tidemark.Io.Linux;

/// <summary>The kernel with blocking workers for what can't be served in line: where io_uring is forbidden or missing.</summary>
/// <param name="loop">The loop that it belongs to.</param>
public sealed class PoolEngine(EventLoop loop) : KernelEngine(loop, wantsRing: false)
{
    /// <inheritdoc/>
    public override string Name => "pool";
}
