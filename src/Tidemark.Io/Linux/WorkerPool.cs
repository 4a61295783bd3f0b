using Tidemark.Core.Errors;
using Tidemark.Io.Loop;

namespace Tidemark.Io.Linux;

/// <summary>
/// A few threads that block so that the loop need not. Threads come into being when all others are busy and leave after
/// <see cref="IdleMs"/> without work. Items start in order of submission.
/// </summary>
internal sealed class WorkerPool(EventLoop loop, string name, int maxThreads)
{
    private const int IdleMs = 10_000;
    private const int StackBytes = 512 << 10;

    private static readonly Action<object?> FinishOnLoop = static item => ((IWorkItem)item!).Finish();

    private readonly object gate = new();
    private readonly Queue<IWorkItem> queue = new();
    private int threads;
    private int idle;
    private bool isStopped;

    /// <summary>Queues an item; from the loop's thread.</summary>
    public void Submit(IWorkItem item)
    {
        var start = false;
        lock (gate)
        {
            Invariant.That(!isStopped, "no work comes after the pool was stopped");
            queue.Enqueue(item);
            if (queue.Count > idle && threads < maxThreads)
            {
                threads++;
                start = true;
            }
            else
            {
                Monitor.Pulse(gate);
            }
        }
        if (start)
        {
            new Thread(Work, StackBytes) { Name = name, IsBackground = true }.Start();
        }
    }

    /// <summary>Lets the threads end when the queue is empty.</summary>
    public void Stop()
    {
        lock (gate)
        {
            isStopped = true;
            Monitor.PulseAll(gate);
        }
    }

    private void Work()
    {
        while (Take() is { } item)
        {
            item.Execute();
            loop.PostFromOutside(FinishOnLoop, item);
        }
    }

    private IWorkItem? Take()
    {
        lock (gate)
        {
            while (queue.Count == 0)
            {
                if (isStopped)
                {
                    threads--;
                    return null;
                }
                idle++;
                var woken = Monitor.Wait(gate, IdleMs);
                idle--;
                if (!woken && queue.Count == 0)
                {
                    threads--;
                    return null;
                }
            }
            return queue.Dequeue();
        }
    }
}
