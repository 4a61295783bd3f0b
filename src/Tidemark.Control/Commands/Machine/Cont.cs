using Tidemark.Control.Machine;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Machine;

/// <summary>cont: the machine runs, or will as soon as a migration has come.</summary>
internal sealed class Cont(GuestlessMachine machine) : QmpCommand<NoArguments>("cont", NoArguments.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask RunAsync(NoArguments arguments) => machine.ContinueAsync();
}
