using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Events;

namespace Tidemark.Control.Events;

/// <summary>X_TIDEMARK_FLEECING_BROKEN: old data could not be saved, the past is given up; the guest noticed nothing.</summary>
internal static partial class FleecingBroken
{
    /// <summary>What it carries.</summary>
    [Schema]
    internal sealed partial record Data(string AccessNodeName, string Error);

    public static QmpEventDefinition Definition { get; } = new("X_TIDEMARK_FLEECING_BROKEN", Data.Codec);

    public static void Publish(QmpEventHub hub, string accessNodeName, IoStatus status) =>
        hub.Publish(Definition.Name, (JsonObject)Data.Codec.Write(new Data(accessNodeName, status.Describe())));
}
