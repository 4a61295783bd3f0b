using Tidemark.Core.Async;

namespace Tidemark.Nbd.Tests;

/// <summary>A loop without I/O: runs what is enqueued until a task ends, and fails when nothing is left to run before that.</summary>
internal sealed class TestLoop : LoopContext
{
    private readonly Queue<(Action<object?> Work, object? State)> queue = new();

    public override TimeProvider Time => TimeProvider.System;

    public static void Run(Func<Task> body)
    {
        var loop = new TestLoop();
        var before = SynchronizationContext.Current;
        SetSynchronizationContext(loop);
        try
        {
            var task = body();
            while (!task.IsCompleted)
            {
                if (!loop.queue.TryDequeue(out var next))
                {
                    throw new InvalidOperationException("everything waits and nothing is left to run");
                }
                next.Work(next.State);
            }
            task.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public override void Enqueue(Action<object?> continuation, object? state) => queue.Enqueue((continuation, state));

    public override void Post(SendOrPostCallback d, object? state) => queue.Enqueue((s => d(s), state));
}
