using Tidemark.Bitmaps;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Core.Errors;

namespace Tidemark.Cli.Img;

/// <summary>convert --bitmaps: the persistent bitmaps of the source's top layer, with their bits and whether they record.</summary>
internal static class ConvertBitmaps
{
    /// <summary>Throws <see cref="CommandException"/> for a source whose bitmaps can't all be copied.</summary>
    public static void Check(BlockNode source, bool skipBroken)
    {
        if (source.Driver is not IBitmapStore)
        {
            throw new CommandException($"Format driver '{source.Definition.Name}' does not support bitmaps");
        }
        foreach (var bitmap in source.Bitmaps)
        {
            if (bitmap.IsPersistent && bitmap.IsInconsistent && !skipBroken)
            {
                throw new CommandException(
                    $"Cannot copy inconsistent bitmap '{bitmap.Name}'\nTry --skip-broken-bitmaps, or use 'qemu-img bitmap --remove' to delete it"
                );
            }
        }
    }

    /// <summary>Copies them; throws <see cref="CommandException"/>.</summary>
    public static async Task CopyAsync(ImgContext context, BlockNode source, BlockNode target, bool skipBroken)
    {
        foreach (var bitmap in source.Bitmaps)
        {
            if (!bitmap.IsPersistent || bitmap.Name is not { } name)
            {
                continue;
            }
            if (bitmap.IsInconsistent && skipBroken)
            {
                context.Complain($"warning: Skipping inconsistent bitmap '{name}'");
                continue;
            }
            await CopyOneAsync(bitmap, name, target);
        }
    }

    private static async Task CopyOneAsync(DirtyBitmap bitmap, string name, BlockNode target)
    {
        try
        {
            var copy = await NodeBitmaps.AddAsync(target, name, bitmap.Granularity, persistent: true, recording: false);
            copy.MergeFrom([bitmap]);
            if (bitmap.IsRecording)
            {
                copy.Enable();
            }
        }
        catch (BlockException error)
        {
            throw new CommandException($"Failed to copy bitmap {name}: {error.Message}");
        }
    }
}
