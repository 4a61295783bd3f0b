using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Export;

/// <summary>nbd-server-stop: ends all NBD exports and the server.</summary>
internal sealed class NbdServerStop(ControlContext context) : QmpCommand<NoArguments>("nbd-server-stop", NoArguments.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask RunAsync(NoArguments arguments) => context.Exports.StopNbdServerAsync();
}
