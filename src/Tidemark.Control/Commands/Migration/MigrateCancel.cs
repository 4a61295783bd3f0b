using Tidemark.Control.Migration;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Migration;

/// <summary>migrate_cancel: gives up a migration that leaves; the machine goes on. No matter if there is none.</summary>
internal sealed class MigrateCancel(MigrationControl migration) : QmpCommand<NoArguments>("migrate_cancel", NoArguments.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask RunAsync(NoArguments arguments)
    {
        migration.Cancel();
        return default;
    }
}
