using Tidemark.Control.Objects.Qom;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Qom;

/// <summary>qom-list-properties: the properties that objects of a kind have.</summary>
internal sealed partial class QomListProperties()
    : QmpCommand<QomListProperties.Arguments, IReadOnlyList<ObjectPropertyInfo>>(
        "qom-list-properties",
        Arguments.Codec,
        SchemaCodec.List(ObjectPropertyInfo.Codec)
    )
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(string Typename);

    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<ObjectPropertyInfo>> RunAsync(Arguments arguments)
    {
        var type =
            QomTypes.Find(arguments.Typename)
            ?? throw new QmpException(QmpErrorClass.DeviceNotFound, $"Class '{arguments.Typename}' not found");
        return new([
            new ObjectPropertyInfo("type", "string"),
            .. type.Properties.Select(static property => new ObjectPropertyInfo(property.Name, property.Type)),
        ]);
    }
}
