using Tidemark.Core.Errors;

namespace Tidemark.Core.Async;

/// <summary>
/// Mutual exclusion across <c>await</c> among the code of one loop; first come, first served. Free, it costs a flag:
/// <see cref="EnterAsync"/> is complete on return. Not for threads.
/// </summary>
public sealed class LoopMutex
{
    private readonly Queue<Completion<bool>> waiters = new();
    private readonly Stack<Completion<bool>> spare = new();

    /// <summary>Whether someone is inside.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Enters if nobody is inside.</summary>
    public bool TryEnter()
    {
        if (IsHeld)
        {
            return false;
        }
        IsHeld = true;
        return true;
    }

    /// <summary>Enters, now or in turn. Leave with <see cref="Exit"/>.</summary>
    public ValueTask EnterAsync()
    {
        if (TryEnter())
        {
            return ValueTask.CompletedTask;
        }
        return WaitAsync();
    }

    /// <summary>Leaves; whoever waited longest is inside from now on.</summary>
    public void Exit()
    {
        Invariant.That(IsHeld, "only who is inside leaves");
        if (waiters.TryDequeue(out var next))
        {
            next.Set(true);
        }
        else
        {
            IsHeld = false;
        }
    }

    private async ValueTask WaitAsync()
    {
        var turn = spare.TryPop(out var used) ? used : new Completion<bool>();
        waiters.Enqueue(turn);
        _ = await turn.Task;
        turn.Reset();
        spare.Push(turn);
    }
}
