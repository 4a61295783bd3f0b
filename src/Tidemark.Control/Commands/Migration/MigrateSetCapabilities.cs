using Tidemark.Control.Migration;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Migration;

/// <summary>migrate-set-capabilities: switches any of them on or off, all or none.</summary>
internal sealed partial class MigrateSetCapabilities(MigrationControl migration)
    : QmpCommand<MigrateSetCapabilities.Arguments>("migrate-set-capabilities", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(IReadOnlyList<CapabilityState> Capabilities);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        migration.SetCapabilities(arguments.Capabilities.Select(static c => (c.Capability, c.State)));
        return default;
    }
}
