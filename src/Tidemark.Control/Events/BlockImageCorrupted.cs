using Tidemark.Block.Contract;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Events;

namespace Tidemark.Control.Events;

/// <summary>BLOCK_IMAGE_CORRUPTED: a driver found damage at work.</summary>
internal static partial class BlockImageCorrupted
{
    /// <summary>What it carries; place and length in bytes.</summary>
    [Schema]
    internal sealed partial record Data(
        string Device,
        string Msg,
        bool Fatal,
        string? NodeName = null,
        long? Offset = null,
        long? Size = null
    );

    public static QmpEventDefinition Definition { get; } = new("BLOCK_IMAGE_CORRUPTED", Data.Codec);

    public static void Publish(QmpEventHub hub, ImageCorruption damage)
    {
        // No node is a device's by name, and each has a name of its own.
        var data = new Data("", damage.Message, damage.IsFatal, damage.Node.Name, damage.Offset, damage.Size);
        hub.Publish(Definition.Name, (JsonObject)Data.Codec.Write(data));
    }
}
