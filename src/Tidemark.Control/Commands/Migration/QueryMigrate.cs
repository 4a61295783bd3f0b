using Tidemark.Control.Migration;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Migration;

/// <summary>query-migrate: how far the latest migration is, be it from here or to here.</summary>
internal sealed class QueryMigrate(MigrationControl migration)
    : QmpCommand<NoArguments, MigrationInfo>("query-migrate", NoArguments.Codec, MigrationInfo.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask<MigrationInfo> RunAsync(NoArguments arguments) => new(migration.Describe());
}
