using Tidemark.Core.Errors;
using Tidemark.Io;
using Tidemark.Io.Contract;
using Tidemark.Io.Linux;
using Tidemark.Io.Loop;
using Tidemark.Io.Simulated;

namespace Tidemark.Testing;

/// <summary>
/// Runs the body of a test on a loop with an engine, on the calling thread, and throws what it throws. A broken invariant
/// becomes a <see cref="BrokenInvariantException"/>, so that the test fails rather than the runner.
/// </summary>
public static class LoopTest
{
    /// <summary>The default engine of this machine.</summary>
    public static void Run(Func<IoEngine, Task> body) => Run(static loop => IoEngines.CreateDefault(loop), body);

    /// <summary>A certain engine; <paramref name="seed"/> is the simulated one's.</summary>
    public static void Run(EngineKind kind, Func<IoEngine, Task> body, int seed = 1)
    {
        switch (kind)
        {
            case EngineKind.Linux:
                Run(static loop => new LinuxEngine(loop), body);
                break;
            case EngineKind.Pool:
                Run(static loop => new PoolEngine(loop), body);
                break;
            default:
                Simulate(seed, body);
                break;
        }
    }

    /// <summary>A fresh simulated machine; a failure comes as a <see cref="SimulationFailedException"/> that tells the seed.</summary>
    public static void Simulate(int seed, Func<IoEngine, Task> body)
    {
        ThrowOnBrokenInvariants();
        try
        {
            _ = new SimulatedMachine(seed).Run(body);
        }
        catch (Exception e)
        {
            throw new SimulationFailedException(seed, e);
        }
    }

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
