using Tidemark.Core.Errors;
using Tidemark.Io;
using Tidemark.Io.Contract;
using Tidemark.Io.Linux;
using Tidemark.Io.Loop;

namespace Tidemark.Testing;

/// <summary>
/// Runs the body of a test on a loop with an engine, on the calling thread, and throws what it throws. A broken invariant
/// becomes a <see cref="BrokenInvariantException"/>, so that the test fails rather than the runner.
/// </summary>
public static class LoopTest
{
    /// <summary>The default engine of this machine.</summary>
    public static void Run(Func<IoEngine, Task> body) => Run(static loop => IoEngines.CreateDefault(loop), body);

    /// <summary>A certain engine.</summary>
    public static void Run(EngineKind kind, Func<IoEngine, Task> body) =>
        Run(
            loop =>
                kind switch
                {
                    EngineKind.Linux => new LinuxEngine(loop),
                    EngineKind.Pool => new PoolEngine(loop),
                    _ => throw new ArgumentOutOfRangeException(nameof(kind)),
                },
            body
        );

    /// <summary>A loop alone, for code that needs no files or sockets.</summary>
    public static void RunLoop(Func<Task> body)
    {
        ThrowOnBrokenInvariants();
        using var loop = new EventLoop("test");
        loop.Run(body);
    }

    /// <summary>Makes broken invariants throw in this process; the other members do so by themselves.</summary>
    public static void ThrowOnBrokenInvariants() =>
        Invariant.OnBroken = static message => throw new BrokenInvariantException(message);

    private static void Run(Func<EventLoop, IoEngine> create, Func<IoEngine, Task> body)
    {
        ThrowOnBrokenInvariants();
        using var loop = new EventLoop("test");
        loop.Run(async () =>
        {
            await using var engine = create(loop);
            await body(engine);
        });
    }
}
