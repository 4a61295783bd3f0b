using Tidemark.Control.Migration;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Migration;

/// <summary>query-migrate-parameters: all of them.</summary>
internal sealed class QueryMigrateParameters(MigrationControl migration)
    : QmpCommand<NoArguments, MigrationParameters>("query-migrate-parameters", NoArguments.Codec, MigrationParameters.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask<MigrationParameters> RunAsync(NoArguments arguments) => new(migration.Parameters);
}
