using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Export;

/// <summary>nbd-server-remove: the older way to end an export.</summary>
internal sealed partial class NbdServerRemove(ControlContext context)
    : QmpCommand<NbdServerRemove.Arguments>("nbd-server-remove", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(string Name, ExportRemoveMode? Mode = null);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Features => ["deprecated"];

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments) =>
        context.Exports.RemoveAsync(arguments.Name, ExportRemovalOf.Mode(arguments.Mode));
}
