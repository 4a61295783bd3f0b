using Tidemark.Core.Async;

namespace Tidemark.Io.Simulated;

/// <summary>
/// A process of a simulated machine, beside the run's own: a loop and an engine, files, sockets and locks of its own, and a death
/// of its own. The disk, the network, the clock and chance are the machine's.
/// </summary>
public sealed class SimulatedProcess
{
    private readonly SimulatedMachine machine;
    private readonly LoopSignal ended = new();

    internal SimulatedProcess(SimulatedMachine machine, SimulatedEngine engine) => (this.machine, Engine) = (machine, engine);

    /// <summary>Its engine.</summary>
    public SimulatedEngine Engine { get; }

    /// <summary>Whether it has come to its own end.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether it was killed, or its machine has crashed.</summary>
    public bool IsDead => Engine.IsDead;

    /// <summary>
    /// SIGKILL: nothing of it runs on, requests under way are done in part, locks are let go, peers see their connections break. What
    /// it had written is in the page cache. Nothing happens when it is over.
    /// </summary>
    public void Kill()
    {
        if (!HasEnded && !IsDead)
        {
            machine.Kill(Engine);
            ended.Wake();
        }
    }

    /// <summary>Waits, on any process's loop, until it has ended or is dead.</summary>
    public async ValueTask WaitAsync()
    {
        while (!HasEnded && !IsDead)
        {
            await ended.WaitAsync();
        }
    }

    internal void End()
    {
        HasEnded = true;
        ended.Wake();
    }
}
