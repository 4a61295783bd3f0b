using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Tidemark.Simulation.Tests;

/// <summary>
/// Assertions whose messages are put together only when they fail: a round makes hundreds of thousands of them, most per cell.
/// </summary>
internal static class Must
{
    /// <summary>Fails with the message unless <paramref name="condition"/> is true.</summary>
    public static void Hold(
        [DoesNotReturnIf(false)] bool condition,
        [InterpolatedStringHandlerArgument(nameof(condition))] ref Message message
    )
    {
        if (!condition)
        {
            Assert.Fail(message.ToStringAndClear());
        }
    }

    /// <summary>Fails with the message unless <paramref name="condition"/> is true.</summary>
    public static void Hold([DoesNotReturnIf(false)] bool condition, string message) => Assert.True(condition, message);

    /// <summary>A text that comes into being only for a condition that is false.</summary>
    [InterpolatedStringHandler]
    public ref struct Message
    {
        private DefaultInterpolatedStringHandler text;

        public Message(int literalLength, int formattedCount, bool condition, out bool isNeeded)
        {
            isNeeded = !condition;
            text = condition ? default : new DefaultInterpolatedStringHandler(literalLength, formattedCount);
        }

        public void AppendLiteral(string value) => text.AppendLiteral(value);

        public void AppendFormatted<T>(T value) => text.AppendFormatted(value);

        public void AppendFormatted(string? value) => text.AppendFormatted(value);

        public string ToStringAndClear() => text.ToStringAndClear();
    }
}
