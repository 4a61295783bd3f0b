using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Jobs;
using Tidemark.Qmp.Events;

namespace Tidemark.Control.Events;

/// <summary>BLOCK_IO_ERROR: a device's request has failed.</summary>
internal static partial class BlockIoError
{
    /// <summary>What it carries.</summary>
    [Schema]
    internal sealed partial record Data(
        string Device,
        IoOperation Operation,
        JobErrorAction Action,
        string Reason,
        string? NodeName = null,
        bool? Nospace = null
    );

    public static QmpEventDefinition Definition { get; } = new("BLOCK_IO_ERROR", Data.Codec);

    public static void Publish(QmpEventHub hub, Data data) => hub.Publish(Definition.Name, (JsonObject)Data.Codec.Write(data));
}
