using Tidemark.Io.Loop;

namespace Tidemark.Io.Linux;

/// <summary>The kernel with io_uring for what can't be served in line.</summary>
/// <param name="loop">The loop that it belongs to; the first request through the ring must come on its thread.</param>
public sealed class LinuxEngine(EventLoop loop) : KernelEngine(loop, wantsRing: true)
{
    /// <inheritdoc/>
    public override string Name => "linux";
}
