using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Events;

namespace Tidemark.Control.Events;

/// <summary>BLOCK_WRITE_THRESHOLD: a write went beyond the offset that was asked about; told once.</summary>
internal static partial class BlockWriteThreshold
{
    /// <summary>What it carries: the offset, and how far beyond it the write ended, bytes.</summary>
    [Schema]
    internal sealed partial record Data(string NodeName, ulong AmountExceeded, ulong WriteThreshold);

    public static QmpEventDefinition Definition { get; } = new("BLOCK_WRITE_THRESHOLD", Data.Codec);

    public static void Publish(QmpEventHub hub, string node, ulong threshold, ulong exceeded) =>
        hub.Publish(Definition.Name, (JsonObject)Data.Codec.Write(new Data(node, exceeded, threshold)));
}
