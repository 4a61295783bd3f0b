using Tidemark.Control.Objects.Qom;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Qom;

/// <summary>qom-set: sets an object's property, such as the bounds of a throttle group.</summary>
internal sealed partial class QomSet(ControlContext context) : QmpCommand<QomSet.Arguments>("qom-set", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(string Path, string Property, JsonValue Value);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        QomPlace.Require(context, arguments.Path).Set(arguments.Property, arguments.Value);
        return ValueTask.CompletedTask;
    }
}
