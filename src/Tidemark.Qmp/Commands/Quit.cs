using Tidemark.Qmp.Dispatch;

namespace Tidemark.Qmp.Commands;

/// <summary>
/// quit: <paramref name="shutDown"/> ends exports and jobs, with their events, before the reply; the process ends when the reply
/// is out.
/// </summary>
public sealed class Quit(Func<ValueTask> shutDown) : QmpCommand<NoArguments>("quit", NoArguments.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask RunAsync(NoArguments arguments) => shutDown();
}
