using Tidemark.Control.Machine;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Machine;

/// <summary>stop: the machine does not run any more.</summary>
internal sealed class Stop(GuestlessMachine machine) : QmpCommand<NoArguments>("stop", NoArguments.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask RunAsync(NoArguments arguments)
    {
        machine.Stop();
        return default;
    }
}
