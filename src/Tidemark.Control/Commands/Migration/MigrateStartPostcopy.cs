using Tidemark.Control.Migration;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Migration;

/// <summary>migrate-start-postcopy: lets the destination run now, and sends the bitmaps afterwards.</summary>
internal sealed class MigrateStartPostcopy(MigrationControl migration)
    : QmpCommand<NoArguments>("migrate-start-postcopy", NoArguments.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask RunAsync(NoArguments arguments)
    {
        migration.StartPostcopy();
        return default;
    }
}
