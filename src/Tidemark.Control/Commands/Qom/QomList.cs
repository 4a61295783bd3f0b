using Tidemark.Control.Objects.Qom;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Qom;

/// <summary>qom-list: the properties and children of an object.</summary>
internal sealed partial class QomList(ControlContext context)
    : QmpCommand<QomList.Arguments, IReadOnlyList<ObjectPropertyInfo>>(
        "qom-list",
        Arguments.Codec,
        SchemaCodec.List(ObjectPropertyInfo.Codec)
    )
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(string Path);

    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<ObjectPropertyInfo>> RunAsync(Arguments arguments)
    {
        if (arguments.Path.Length == 0)
        {
            throw new BlockException(BlockErrorKind.NotFound, "Path '' is ambiguous");
        }
        var place = QomPlace.Require(context, arguments.Path, tellsAmbiguous: true);
        return new([.. place.Properties.Select(static property => new ObjectPropertyInfo(property.Name, property.Type))]);
    }
}
