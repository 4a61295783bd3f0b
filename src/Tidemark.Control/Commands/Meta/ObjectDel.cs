using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Meta;

/// <summary>object-del: takes an object away.</summary>
internal sealed partial class ObjectDel(ControlContext context) : QmpCommand<ObjectDel.Arguments>("object-del", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(string Id);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        context.Objects.Remove(arguments.Id);
        return ValueTask.CompletedTask;
    }
}
