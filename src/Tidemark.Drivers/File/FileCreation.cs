using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Memory;
using Tidemark.Core.Schema;
using Tidemark.Io.Contract;

namespace Tidemark.Drivers.File;

/// <summary>Making files and changing their size, with the three ways of reserving space.</summary>
internal static class FileCreation
{
    private const int ZeroPiece = 1 << 20;

    public static readonly ImageCreation Definition = new()
    {
        ParseOptions = static options => FileCreateOptions.Codec.Parse(options, SchemaMode.Strict),
        Options = FileCreateOptions.Codec,
        CreateAsync = static (graph, options) => CreateAsync(graph, ((FileCreateOptions)options).Checked()),
        CommandLineOptions =
        [
            new("size", CreateOptionType.Size, "Virtual disk size"),
            new("nocow", CreateOptionType.OnOff, "Turn off copy-on-write (valid only on btrfs)"),
            new("preallocation", CreateOptionType.Text, "Preallocation mode (allowed values: off, falloc, full)"),
            new("extent_size_hint", CreateOptionType.Size, "Extent size hint for the image file, 0 to disable"),
        ],
        CreateFileAsync = static (graph, filename, options) =>
            CreateAsync(graph, FileCreateOptions.FromCommandLine(filename, options).Checked()),
    };

    public static async ValueTask ResizeAsync(StorageFile file, long from, long to, PreallocationMode preallocation)
    {
        if (to < from && preallocation != PreallocationMode.Off)
        {
            throw new BlockException(BlockErrorKind.NotSupported, "Preallocation can't be used for shrinking files");
        }
        var status = preallocation switch
        {
            PreallocationMode.Off => await file.TruncateAsync(to),
            PreallocationMode.Falloc => to == from ? IoStatus.Ok : await file.AllocateAsync(from, to - from),
            PreallocationMode.Full => await FillAsync(file, from, to),
            _ => throw new BlockException(BlockErrorKind.NotSupported, "Unsupported preallocation mode 'metadata'"),
        };
        if (status == IoStatus.Ok)
        {
            return;
        }
        _ = await file.TruncateAsync(from);
        throw new BlockException(
            status,
            preallocation == PreallocationMode.Off ? "Failed to resize file" : "Could not preallocate data for the new file"
        );
    }

    private static async ValueTask CreateAsync(BlockGraph graph, FileCreateOptions options)
    {
        StorageFile file;
        try
        {
            file = await graph.Engine.OpenFileAsync(options.Filename, new FileOpenOptions(Writable: true, Create: true));
        }
        catch (BlockException error)
        {
            throw new BlockException(error.Status, $"Could not create '{options.Filename}'");
        }
        await using (file)
        {
            // Nobody may be using what is about to be cut to nothing.
            var locks = file.TestExclusiveLock(0) == IoStatus.NotSupported ? null : new FileLocks(file);
            locks?.Prepare(BlockPermissions.Write | BlockPermissions.Resize, BlockPermissions.All & ~BlockPermissions.Resize);
            Check(await file.TruncateAsync(0), "Could not resize file");
            await ResizeAsync(file, 0, (long)options.Size, options.PreallocationMode);
        }
    }

    private static async ValueTask<IoStatus> FillAsync(StorageFile file, long from, long to)
    {
        // Reserve first where the file system can: running out of space then shows before a byte is written.
        _ = await file.AllocateAsync(from, Math.Max(1, to - from));
        using var zeroes = AlignedBufferPool.Shared.Rent(ZeroPiece);
        zeroes.GetSpan().Clear();
        for (var offset = from; offset < to; offset += ZeroPiece)
        {
            var length = (int)Math.Min(ZeroPiece, to - offset);
            var status = await file.WriteAsync(offset, zeroes.Memory[..length]);
            if (status != IoStatus.Ok)
            {
                return status;
            }
        }
        return await file.TruncateAsync(to);
    }

    private static void Check(IoStatus status, string message)
    {
        if (status != IoStatus.Ok)
        {
            throw new BlockException(status, message);
        }
    }
}
