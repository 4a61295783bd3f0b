namespace Tidemark.Core.Async;

/// <summary>
/// A condition to wait for among the code of one loop: <see cref="Wake"/> lets all that wait now go on, in order of
/// arrival; each checks its condition anew. Not for threads.
/// </summary>
public sealed class LoopSignal
{
    private List<Completion<bool>> waiters = [];
    private List<Completion<bool>> waking = [];

    /// <summary>Whether anyone waits.</summary>
    public bool HasWaiters => waiters.Count > 0;

    /// <summary>Waits for the next <see cref="Wake"/>.</summary>
    public async ValueTask WaitAsync()
    {
        var turn = new Completion<bool>();
        waiters.Add(turn);
        _ = await turn.Task;
    }

    /// <summary>Lets all that wait now go on.</summary>
    public void Wake()
    {
        if (waiters.Count == 0)
        {
            return;
        }
        (waiters, waking) = (waking, waiters);
        foreach (var turn in waking)
        {
            turn.Set(true);
        }
        waking.Clear();
    }
}
