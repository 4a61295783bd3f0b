using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Events;

namespace Tidemark.Control.Events;

/// <summary>BLOCK_EXPORT_DELETED: an export is gone, its node free again.</summary>
internal static partial class BlockExportDeleted
{
    /// <summary>What it carries.</summary>
    [Schema]
    internal sealed partial record Data(string Id);

    public static QmpEventDefinition Definition { get; } = new("BLOCK_EXPORT_DELETED", Data.Codec);

    public static void Publish(QmpEventHub hub, string id) =>
        hub.Publish(Definition.Name, (JsonObject)Data.Codec.Write(new Data(id)));
}
