using Tidemark.Control.Migration;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Migration;

/// <summary>migrate-incoming: says where a migration comes from, for a machine that was started with "-incoming defer".</summary>
internal sealed partial class MigrateIncoming(MigrationControl migration)
    : QmpCommand<MigrateIncoming.Arguments>("migrate-incoming", Arguments.Codec)
{
    /// <summary>What it takes; without <paramref name="ExitOnError"/> the process ends when the migration fails.</summary>
    [Schema]
    internal sealed partial record Arguments(string Uri, bool? ExitOnError = null);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments) =>
        migration.StartIncomingAsync(arguments.Uri, arguments.ExitOnError != false);
}
