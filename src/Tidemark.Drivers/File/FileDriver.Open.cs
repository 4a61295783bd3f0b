using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using Tidemark.Io.Descriptors;

namespace Tidemark.Drivers.File;

internal sealed partial class FileDriver
{
    private static async ValueTask<BlockDriver> OpenAsync(NodeOpenContext context, FileOptions options)
    {
        var node = context.Options;
        if (options.Aio == AioMode.Native && !node.CacheDirect)
        {
            throw new BlockException(
                BlockErrorKind.InvalidOptions,
                "aio=native was specified, but it requires cache.direct=on, which was not specified."
            );
        }
        var (file, isReadOnly) = await OpenFileAsync(context.Engine, options.Filename, node);
        if (WhyNot(context.Node.Definition, file) is { } why)
        {
            await file.DisposeAsync();
            throw new BlockException(BlockErrorKind.InvalidOptions, why);
        }
        context.Node.MarkReadOnly(isReadOnly);
        return new FileDriver(context.Node, options, file);
    }

    private static async ValueTask<(StorageFile File, bool IsReadOnly)> OpenFileAsync(
        IoEngine engine,
        string path,
        NodeOptions node
    )
    {
        try
        {
            return (await engine.OpenFileAsync(path, new FileOpenOptions(!node.ReadOnly, node.CacheDirect)), node.ReadOnly);
        }
        catch (BlockException error) when (CanFallBack(error, node))
        {
            return (await engine.OpenFileAsync(path, new FileOpenOptions(Writable: false, node.CacheDirect)), true);
        }
        catch (BlockException error)
        {
            throw Explain(error, path, node);
        }
    }

    // A device does not grow, has sectors of its own, and is discarded by other calls: who names the wrong driver learns of it.
    private static string? WhyNot(DriverDefinition definition, StorageFile file) =>
        ReferenceEquals(definition, Definition)
            ? file.Kind == FileKind.Regular
                ? null
                : $"'{definition.Name}' driver requires '{file.Path}' to be a regular file"
            : file.Kind is FileKind.BlockDevice or FileKind.CharacterDevice
                ? null
                : $"'{definition.Name}' driver requires '{file.Path}' to be either a character or block device";

    private static bool CanFallBack(BlockException error, NodeOptions node) =>
        node is { AutoReadOnly: true, ReadOnly: false }
        && error.Status is IoStatus.AccessDenied or IoStatus.NotPermitted or IoStatus.ReadOnly;

    private static BlockException Explain(BlockException error, string path, NodeOptions node)
    {
        if (DescriptorSets.IsPath(path))
        {
            return error;
        }
        var explained = new BlockException(error.Status, $"Could not open '{path}'");
        if (node.CacheDirect && error.Status == IoStatus.InvalidArgument)
        {
            return new BlockException(explained.Kind, explained.Message)
            {
                Status = error.Status,
                Hint = "The file system does not support O_DIRECT",
            };
        }
        return explained;
    }

    private FileLocks? CreateLocks(StorageFile opened)
    {
        if (options.Locking == OnOffAuto.Off)
        {
            return null;
        }
        if (opened.TestExclusiveLock(0) != IoStatus.NotSupported)
        {
            return new FileLocks(opened);
        }
        return options.Locking == OnOffAuto.On
            ? throw new BlockException(BlockErrorKind.NotSupported, "File locking is not available for this file")
            : null;
    }
}
