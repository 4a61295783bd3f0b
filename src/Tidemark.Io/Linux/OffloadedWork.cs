using System.Runtime.ExceptionServices;
using Tidemark.Core.Async;

namespace Tidemark.Io.Linux;

/// <summary>One call of <see cref="Contract.IoEngine.OffloadAsync"/>; an exception travels back to the loop with its stack.</summary>
internal sealed class OffloadedWork<TState, T>(Func<TState, T> work, TState state) : IWorkItem
{
    private readonly Completion<bool> done = new();
    private T result = default!;
    private ExceptionDispatchInfo? failure;

    public void Execute()
    {
        try
        {
            result = work(state);
        }
        catch (Exception e)
        {
            failure = ExceptionDispatchInfo.Capture(e);
        }
    }

    public void Finish() => done.Set(true);

    public async ValueTask<T> WaitAsync()
    {
        _ = await done.Task;
        failure?.Throw();
        return result;
    }
}
