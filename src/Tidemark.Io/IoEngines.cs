using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using Tidemark.Io.Linux;
using Tidemark.Io.Loop;

namespace Tidemark.Io;

/// <summary>Chooses the engine for this machine.</summary>
public static class IoEngines
{
    /// <summary>
    /// The best engine that the kernel allows, for <paramref name="loop"/>; <paramref name="reason"/> says which and why, for
    /// the log. On any thread; costs one system call.
    /// </summary>
    public static IoEngine CreateDefault(EventLoop loop, out string reason)
    {
        var status = Ring.Probe();
        if (status == IoStatus.Ok)
        {
            reason = "engine linux: io_uring is available";
            return new LinuxEngine(loop);
        }
        reason = $"engine pool: io_uring is not available ({status.Describe()})";
        return new PoolEngine(loop);
    }

    /// <summary>As <see cref="CreateDefault(EventLoop, out string)"/>, for those who keep no log.</summary>
    public static IoEngine CreateDefault(EventLoop loop) => CreateDefault(loop, out _);
}
