using System.Globalization;

namespace Tidemark.Cli.Io.Commands;

/// <summary>sleep: requests that were begun go on meanwhile.</summary>
internal sealed class SleepCommand : IIoCommand
{
    public string Name => "sleep";

    public string Syntax => "";

    public string Summary => "waits for the given value in milliseconds";

    public int LeastWords => 1;

    public int MostWords => 1;

    public bool NeedsImage => false;

    // "-1" is a number that will not do, not an option.
    public bool TakesWordsAsTheyAre => true;

    public async ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        if (!long.TryParse(words.Rest[0], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
        {
            throw new IoCommandException($"{words.Rest[0]} is not a valid number");
        }
        await session.Graph.Loop.DelayAsync(
            TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue)),
            CancellationToken.None
        );
        return true;
    }
}
