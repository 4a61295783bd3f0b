using Tidemark.Control.Migration;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Migration;

/// <summary>migrate: begins to send the machine elsewhere. Contract M1.</summary>
internal sealed partial class Migrate(MigrationControl migration) : QmpCommand<Migrate.Arguments>("migrate", Arguments.Codec)
{
    /// <summary>What it takes; whether to wait for the end is for people at a monitor, and commands never do.</summary>
    [Schema]
    internal sealed partial record Arguments(
        string Uri,
        bool? Blk = null,
        bool? Inc = null,
        bool? Detach = null,
        bool? Resume = null
    );

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments) =>
        arguments.Blk == true || arguments.Inc == true
            ? throw new QmpException("Block migration is not supported; use mirror jobs over NBD instead")
            : migration.StartAsync(arguments.Uri, arguments.Resume == true);
}
