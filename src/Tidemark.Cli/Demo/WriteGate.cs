using Tidemark.Core.Async;

namespace Tidemark.Cli.Demo;

/// <summary>
/// The instant of a backup, seen from the writers: while it is closed nobody begins a write, and it is closed only when
/// none is under way. On one loop.
/// </summary>
internal sealed class WriteGate
{
    private readonly LoopSignal changed = new();
    private bool isClosed;
    private int inside;

    /// <summary>Waits until the gate is open and enters.</summary>
    public async ValueTask EnterAsync()
    {
        while (isClosed)
        {
            await changed.WaitAsync();
        }

        inside++;
    }

    /// <summary>Leaves, once the write is done.</summary>
    public void Leave()
    {
        inside--;
        changed.Wake();
    }

    /// <summary>Keeps newcomers out and waits for those inside.</summary>
    public async ValueTask CloseAsync()
    {
        isClosed = true;
        while (inside > 0)
        {
            await changed.WaitAsync();
        }
    }

    /// <summary>Lets the writers go on.</summary>
    public void Open()
    {
        isClosed = false;
        changed.Wake();
    }
}
