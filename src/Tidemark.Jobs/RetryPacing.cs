namespace Tidemark.Jobs;

/// <summary>How long to wait before trying again what failed and was ignored: longer and longer while nothing gets done.</summary>
internal sealed class RetryPacing
{
    private const int AtOnce = 4;
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);
    private long doneBefore = -1;
    private int failures;

    /// <summary>How long, after another failure with <paramref name="done"/> bytes done in all.</summary>
    public TimeSpan Next(long done)
    {
        failures = done == doneBefore ? failures + 1 : 1;
        doneBefore = done;
        return failures <= AtOnce ? TimeSpan.Zero
            : failures - AtOnce > 7 ? Longest
            : First * (1 << (failures - AtOnce - 1));
    }

    /// <summary>Somebody says that it may work now.</summary>
    public void Reset() => failures = 0;
}
