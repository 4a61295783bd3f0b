using Tidemark.Control.Objects;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Meta;

/// <summary>object-add: makes a secret, an iothread or a throttle group.</summary>
internal sealed class ObjectAdd(ControlContext context) : QmpCommand<ObjectOptions>("object-add", ObjectOptions.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask RunAsync(ObjectOptions arguments)
    {
        context.Objects.Add(arguments);
        return ValueTask.CompletedTask;
    }
}
