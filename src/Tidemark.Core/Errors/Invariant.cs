using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Tidemark.Core.Errors;

/// <summary>
/// Checks of what our own code promises; they stay on in Release. A broken one is a bug of ours, never a user's mistake,
/// and stops the process before it can write anything more.
/// </summary>
public static class Invariant
{
    /// <summary>
    /// What a broken invariant does: ends the process. A test harness may replace it by a throw, so that the test fails
    /// rather than the runner.
    /// </summary>
    public static Action<string> OnBroken { get; set; } = static message => Environment.FailFast(message);

    /// <summary>Stops the process unless <paramref name="condition"/> holds; <paramref name="promise"/> says what should be true.</summary>
    [StackTraceHidden]
    public static void That(
        [DoesNotReturnIf(false)] bool condition,
        string promise,
        [CallerFilePath] string file = "",
        [CallerLineNumber] int line = 0
    )
    {
        if (!condition)
        {
            Break(promise, file, line);
        }
    }

    /// <summary>Stops the process: this place can't be reached.</summary>
    [DoesNotReturn]
    [StackTraceHidden]
    public static Exception Unreachable(string why, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        Break(why, file, line);
        return new UnreachableException(why);
    }

    [DoesNotReturn]
    [StackTraceHidden]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Break(string promise, string file, int line)
    {
        var message = $"Broken invariant at {Path.GetFileName(file)}:{line}: {promise}";
        OnBroken(message);
        throw new UnreachableException(message);
    }
}
