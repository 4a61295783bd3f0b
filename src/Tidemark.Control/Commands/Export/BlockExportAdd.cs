using Tidemark.Control.Objects;
using Tidemark.Exports.Nbd;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Export;

/// <summary>block-export-add: offers a node to the world.</summary>
internal sealed class BlockExportAdd(ControlContext context)
    : QmpCommand<BlockExportOptions>("block-export-add", BlockExportOptions.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask RunAsync(BlockExportOptions arguments) => AddAsync(context, arguments);

    /// <summary>Adds the export that <paramref name="arguments"/> describe; command lines use it too.</summary>
    public static async ValueTask AddAsync(ControlContext context, BlockExportOptions arguments)
    {
        if (arguments is not BlockExportOptions.Nbd nbd)
        {
            throw new QmpException("No driver found for the requested export type");
        }
        CheckThread(context, nbd);
        _ = await context.Exports.AddNbdAsync(
            new NbdExportOptions(
                nbd.Id,
                nbd.NodeName,
                nbd.Name,
                nbd.Description,
                nbd.Writable == true,
                nbd.Writethrough == true,
                nbd.Bitmaps is null
                    ? null
                    :
                    [
                        .. nbd.Bitmaps.Select(bitmap =>
                            bitmap.External is { } external
                                ? new NbdBitmapReference(external.Name, external.Node)
                                : new NbdBitmapReference(bitmap.Local ?? "")
                        ),
                    ],
                nbd.AllocationDepth == true,
                nbd.AllowInactive == true
            )
        );
    }

    /// <summary>A thread that can't be had is an error only for who insists; as with the reference when nodes can't be moved.</summary>
    private static void CheckThread(ControlContext context, BlockExportOptions.Nbd nbd)
    {
        if (nbd.Iothread is not { } thread)
        {
            return;
        }
        if (context.Objects.Find(thread) is not ObjectOptions.Iothread)
        {
            throw new QmpException($"iothread \"{thread}\" not found");
        }
        if (nbd.FixedIothread == true)
        {
            throw new QmpException("Cannot change iothread of active block backend");
        }
    }
}
