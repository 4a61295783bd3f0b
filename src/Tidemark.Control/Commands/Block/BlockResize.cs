using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Control.Queries;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Block;

/// <summary>block_resize: another size, in bytes. Bitmaps follow (contract B9).</summary>
internal sealed partial class BlockResize(ControlContext context)
    : QmpCommand<BlockResize.Arguments>("block_resize", Arguments.Codec)
{
    /// <summary>What it takes: a node by either name, and its new size in bytes.</summary>
    [Schema]
    internal sealed partial record Arguments(long Size, string? Device = null, string? NodeName = null);

    /// <inheritdoc/>
    protected override async ValueTask RunAsync(Arguments arguments)
    {
        var node = Find(arguments);
        if (arguments.Size < 0)
        {
            throw new QmpException("Parameter 'size' expects a >0 size");
        }
        if (node.BlockedFrom(BlockOperation.Resize) is not null)
        {
            // The reference names the device here even where it was given none, and says "(null)" then.
            throw new QmpException($"Device '{arguments.Device ?? node.Name}' is in use");
        }
        await using var backend = BlockBackend.Create(node, BlockPermissions.Resize, BlockPermissions.All);
        using var section = await context.Graph.DrainAsync(node);
        await node.TruncateAsync(arguments.Size, exact: false, PreallocationMode.Off);
    }

    private BlockNode Find(Arguments arguments)
    {
        var (device, name) = (arguments.Device ?? "", arguments.NodeName ?? "");
        if (ExportedDevices.Find(context, device) is { } found)
        {
            return found;
        }
        return context.Graph.Require(device, name);
    }
}
