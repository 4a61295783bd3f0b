using Tidemark.Control.Migration;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Migration;

/// <summary>query-migrate-capabilities: all of them, on or off.</summary>
internal sealed class QueryMigrateCapabilities(MigrationControl migration)
    : QmpCommand<NoArguments, IReadOnlyList<CapabilityState>>(
        "query-migrate-capabilities",
        NoArguments.Codec,
        SchemaCodec.List(CapabilityState.Codec)
    )
{
    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<CapabilityState>> RunAsync(NoArguments arguments) =>
        new([.. Enum.GetValues<MigrationCapability>().Select(c => new CapabilityState(c, migration.Capabilities[c]))]);
}
