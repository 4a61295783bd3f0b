using Tidemark.Control.Objects.Qom;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Qom;

/// <summary>qom-list-types: the kinds of object that there are.</summary>
internal sealed partial class QomListTypes()
    : QmpCommand<QomListTypes.Arguments, IReadOnlyList<QomListTypes.ObjectTypeInfo>>(
        "qom-list-types",
        Arguments.Codec,
        SchemaCodec.List(ObjectTypeInfo.Codec)
    )
{
    /// <summary>What it takes: only kinds that implement one; whether abstract ones are listed.</summary>
    [Schema]
    internal sealed partial record Arguments(string? Implements = null, bool? Abstract = null);

    /// <summary>A kind of object.</summary>
    [Schema]
    internal sealed partial record ObjectTypeInfo(string Name, bool? Abstract = null, string? Parent = null);

    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<ObjectTypeInfo>> RunAsync(Arguments arguments) =>
        new([
            .. QomTypes
                .All.Where(type => arguments.Implements is not { } sought || type.Implements(sought))
                .Where(type => !type.IsAbstract || arguments.Abstract == true)
                .Select(static type => new ObjectTypeInfo(type.Name, type.IsAbstract ? true : null, type.Parent)),
        ]);
}
