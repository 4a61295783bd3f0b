using Tidemark.Core.Schema;
using Tidemark.Exports.Nbd;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Export;

/// <summary>nbd-server-add: the older way to export a node over NBD.</summary>
internal sealed partial class NbdServerAdd(ControlContext context)
    : QmpCommand<NbdServerAdd.Arguments>("nbd-server-add", Arguments.Codec)
{
    /// <summary>What it takes; the export's name is the device's unless given.</summary>
    [Schema]
    internal sealed partial record Arguments(
        string Device,
        string? Name = null,
        string? Description = null,
        bool? Writable = null,
        string? Bitmap = null
    );

    /// <inheritdoc/>
    public override IReadOnlyList<string> Features => ["deprecated"];

    /// <inheritdoc/>
    protected override async ValueTask RunAsync(Arguments arguments)
    {
        var node = context.Graph.Require(arguments.Device);
        var name = arguments.Name ?? arguments.Device;
        _ = await context.Exports.AddNbdAsync(
            new NbdExportOptions(
                name,
                node.Name,
                name,
                arguments.Description,
                Writable: arguments.Writable == true && !node.IsMarkedReadOnly,
                Bitmaps: arguments.Bitmap is { } bitmap ? [new NbdBitmapReference(bitmap)] : null
            )
        );
    }
}
