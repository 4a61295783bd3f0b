using Tidemark.Control.Migration;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Migration;

/// <summary>migrate-continue: leave to hand over, for a migration that waits for it (pause-before-switchover).</summary>
internal sealed partial class MigrateContinue(MigrationControl migration)
    : QmpCommand<MigrateContinue.Arguments>("migrate-continue", Arguments.Codec)
{
    /// <summary>What it takes: the state that the caller takes the migration to be in.</summary>
    [Schema]
    internal sealed partial record Arguments(MigrationStatus State);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        migration.Continue(arguments.State);
        return default;
    }
}
