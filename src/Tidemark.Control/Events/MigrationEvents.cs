using Tidemark.Control.Migration;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Events;

namespace Tidemark.Control.Events;

/// <summary>MIGRATION and MIGRATION_PASS, for clients that turned the capability "events" on.</summary>
internal static partial class MigrationEvents
{
    /// <summary>What MIGRATION carries.</summary>
    [Schema]
    internal sealed partial record Status([Wire("status")] MigrationStatus Value);

    /// <summary>What MIGRATION_PASS carries.</summary>
    [Schema]
    internal sealed partial record Pass([Wire("pass")] long Number);

    public static IReadOnlyList<QmpEventDefinition> Definitions { get; } =
    [new("MIGRATION", Status.Codec), new("MIGRATION_PASS", Pass.Codec)];

    public static void PublishStatus(QmpEventHub hub, MigrationStatus status) =>
        hub.Publish("MIGRATION", (JsonObject)Status.Codec.Write(new(status)));

    public static void PublishPass(QmpEventHub hub, long number) =>
        hub.Publish("MIGRATION_PASS", (JsonObject)Pass.Codec.Write(new(number)));
}
