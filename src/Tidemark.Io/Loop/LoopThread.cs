using Tidemark.Core.Async;
using Tidemark.Core.Errors;

namespace Tidemark.Io.Loop;

/// <summary>
/// A loop on a thread of its own (an <c>iothread</c> object). It runs until it is disposed; an exception that nobody
/// catches there ends the process, as on any thread.
/// </summary>
public sealed class LoopThread : IAsyncDisposable
{
    private readonly Completion<bool> stop = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LoopThread(string name) => Loop = new EventLoop(name);

    /// <summary>The loop; post to it, or use <see cref="InvokeAsync"/>.</summary>
    public EventLoop Loop { get; }

    /// <summary>Starts the thread.</summary>
    public static LoopThread Start(string name)
    {
        var self = new LoopThread(name);
        var thread = new Thread(self.Main) { Name = name, IsBackground = true };
        thread.Start();
        return self;
    }

    /// <summary>Runs <paramref name="work"/> on the loop; the task that comes back ends, with its outcome, when that has ended.</summary>
    public Task InvokeAsync(Func<Task> work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(static call => Begin(((Func<Task>, TaskCompletionSource))call!), (work, done));
        return done.Task;
    }

    /// <summary>Stops the loop after what is ready now and waits for the thread's end. What runs on the loop must have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        Invariant.That(!Loop.IsCurrent, "a loop's thread does not wait for its own end");
        Loop.Post(static state => _ = ((Completion<bool>)state!).TrySet(true), stop);
        await ended.Task;
    }

    private static async void Begin((Func<Task> Work, TaskCompletionSource Done) call)
    {
        try
        {
            await call.Work();
            call.Done.SetResult();
        }
        catch (Exception e)
        {
            call.Done.SetException(e);
        }
    }

    private void Main()
    {
        Loop.Run(async () => _ = await stop.Task);
        Loop.Dispose();
        ended.SetResult();
    }
}
