using Tidemark.Control.Objects.Qom;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Qom;

/// <summary>qom-get: the value of an object's property.</summary>
internal sealed partial class QomGet(ControlContext context)
    : QmpCommand<QomGet.Arguments, JsonValue>("qom-get", Arguments.Codec, SchemaCodec.Any)
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(string Path, string Property);

    /// <inheritdoc/>
    protected override ValueTask<JsonValue> RunAsync(Arguments arguments) =>
        new(QomPlace.Require(context, arguments.Path).Get(arguments.Property));
}
