using Tidemark.Io.Loop;

namespace Tidemark.Io.Linux;

/// <summary>
/// A thread for the one read of standard input that may wait for ever: it must not take a place among the engine's
/// workers, nor keep the process alive.
/// </summary>
internal static class StdioThread
{
    private const int StackBytes = 128 << 10;

    private static readonly Action<object?> FinishOnLoop = static item => ((IWorkItem)item!).Finish();

    public static void Start(EventLoop loop, IWorkItem item) =>
        new Thread(
            () =>
            {
                item.Execute();
                loop.PostFromOutside(FinishOnLoop, item);
            },
            StackBytes
        )
        {
            Name = "stdin",
            IsBackground = true,
        }.Start();
}
