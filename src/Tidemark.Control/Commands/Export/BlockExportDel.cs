using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Export;

/// <summary>block-export-del: ends an export; safely only if it has no clients.</summary>
internal sealed partial class BlockExportDel(ControlContext context)
    : QmpCommand<BlockExportDel.Arguments>("block-export-del", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(string Id, ExportRemoveMode? Mode = null);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments) =>
        context.Exports.RemoveAsync(arguments.Id, ExportRemovalOf.Mode(arguments.Mode));
}
