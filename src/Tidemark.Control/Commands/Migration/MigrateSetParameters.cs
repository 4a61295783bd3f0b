using Tidemark.Control.Migration;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Migration;

/// <summary>migrate-set-parameters: changes what is given, all or nothing; also while a migration is under way.</summary>
internal sealed class MigrateSetParameters(MigrationControl migration)
    : QmpCommand<MigrationParameterChanges>("migrate-set-parameters", MigrationParameterChanges.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask RunAsync(MigrationParameterChanges arguments)
    {
        migration.SetParameters(arguments);
        return default;
    }
}
